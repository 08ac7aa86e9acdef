"""A witness: remembers the checkpoints of a log and refuses a fork or a rollback.

It needs no database and no account: an outside body runs it on a machine of its own, from time to
time, with the address of the site and the log's key.
"""

import json
import sys
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import click

from certificates.log import notes, tree
from lms.core import clock

TIMEOUT = 20
LARGEST = 1_000_000
Fetch = Callable[[str], bytes]


class Refused(Exception):
    """The log may not be believed; the text says why."""


class Unreachable(Exception):
    """The log gave no answer: nothing is known, and nothing is remembered."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint as it was accepted."""

    checkpoint: notes.Checkpoint
    note: str
    at: str


class Memory:
    """Accepted checkpoints, one line of JSON each, in a file that only grows."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def newest(self, known: notes.Verifier) -> Seen | None:
        """The last accepted checkpoint. Raises Refused when the file was tampered with."""
        if not self.path.exists():
            return None
        lines = self.path.read_text("utf-8").splitlines()
        if not lines:
            return None
        try:
            last = json.loads(lines[-1])
            return Seen(notes.opened(last["note"], known), last["note"], last["at"])
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(f"{self.path} does not hold what this log signed: {error}") from error

    def add(self, note: str, at: str) -> None:
        """Remember one more."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": at, "note": note}, ensure_ascii=False) + "\n")


def look(fetch: Fetch, known: notes.Verifier, memory: Memory, at: str) -> tuple[str, int, int]:
    """Ask the log once: ("first" | "same" | "grown", size before, size now).

    Raises:
        Refused: bad signature, rollback or fork. Unreachable: no answer.
    """
    before = memory.newest(known)
    note = fetch("/log/checkpoint").decode("utf-8", "replace")
    try:
        now = notes.opened(note, known)
    except notes.BadNote as error:
        raise Refused(f"the checkpoint is not to be believed: {error}") from error
    if before is None:
        memory.add(note, at)
        return "first", 0, now.size
    _compare(before, now, fetch)
    if now.size == before.checkpoint.size:
        return "same", now.size, now.size
    memory.add(note, at)
    return "grown", before.checkpoint.size, now.size


def _compare(before: Seen, now: notes.Checkpoint, fetch: Fetch) -> None:
    old = before.checkpoint
    if now.size < old.size:
        raise Refused(
            f"ROLLBACK: the log had {old.size} entries on {before.at} and shows {now.size} now"
        )
    path = [] if now.size == old.size else _proof(fetch, old.size, now.size)
    if not tree.is_consistent((old.size, now.size), (old.root, now.root), path):
        raise Refused(
            f"FORK: the log of {now.size} entries does not begin with the {old.size} entries "
            f"it showed on {before.at}"
        )


def _proof(fetch: Fetch, first: int, second: int) -> list[bytes]:
    answer = fetch(f"/log/v1/get-sth-consistency?first={first}&second={second}")
    try:
        body: Any = json.loads(answer)
        return [b64decode(step, validate=True) for step in body["consistency"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("the proof between the two checkpoints is malformed") from error


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


def over_http(base: str) -> Fetch:
    """Ask the site at ``base``; redirects are not followed."""
    opener = build_opener(_NoRedirects)

    def fetch(path: str) -> bytes:
        asked = Request(base.rstrip("/") + path, headers={"Accept": "*/*"})  # noqa: S310 - checked
        try:
            with opener.open(asked, timeout=TIMEOUT) as answer:
                body: bytes = answer.read(LARGEST)
        except (URLError, OSError, ValueError) as error:
            raise Unreachable(f"{base} gave no answer: {error}") from error
        return body

    return fetch


@click.command("witness")
@click.argument("site")
@click.option("--key", required=True, help="the log's key, as the issuing body gave it to you")
@click.option("--memory", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="file in which accepted checkpoints are kept")  # fmt: skip
def witness_command(site: str, key: str, memory: Path) -> None:
    """Ask the register's log at SITE for its checkpoint; refuse a fork or a rollback.

    Exit code 0: it only grew. 1: refused, with the reason. 2: wrong usage. 3: no answer.
    """
    if urlsplit(site).scheme not in {"http", "https"}:
        raise click.UsageError("SITE is an address such as https://training.example.cn")
    try:
        known = notes.verifier(key)
    except notes.BadNote as error:
        raise click.UsageError("--key is not a log's key") from error
    at = clock.now().isoformat(timespec="seconds")
    try:
        found, before, now = look(over_http(site), known, Memory(memory), at)
    except Refused as refusal:
        click.echo(f"REFUSED {refusal}", err=True)
        sys.exit(1)
    except Unreachable as silence:
        click.echo(str(silence), err=True)
        sys.exit(3)
    click.echo(f"{found}: {known.name} {before} -> {now}")
