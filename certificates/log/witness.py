"""A witness: remembers the checkpoints of a log and refuses a fork or a rollback.

It needs no database and no account: an outside body runs it on a machine of its own, from time to
time, with the address of the site and the log's key.
"""

import json
import sys
from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
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
        return self.read(known)[0]

    def read(self, given: notes.Verifier) -> tuple[Seen | None, notes.Verifier]:
        """The last accepted checkpoint, and the key by which the log is known now: the one given,
        or the one that followed it. Raises Refused when the file was tampered with."""
        known, newest = given, None
        for line in self._lines():
            try:
                if "successor" in line:
                    known = self._followed(line["successor"], known)
                else:
                    newest = line
            except (ValueError, KeyError, TypeError) as error:
                raise self._spoilt(error) from error
        if newest is None:
            return None, known
        for key in (known, given):
            with suppress(ValueError, KeyError, TypeError):
                return Seen(notes.opened(newest["note"], key), newest["note"], newest["at"]), known
        raise self._spoilt("a checkpoint of a strange key")

    def _lines(self) -> list[Any]:
        if not self.path.exists():
            return []
        try:
            return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]
        except ValueError as error:
            raise self._spoilt(error) from error

    def _followed(self, note: str, known: notes.Verifier) -> notes.Verifier:
        """The key after ``known``; ``known`` itself if it was given as the newer one."""
        if f"\n{known.text}\n" in note.partition("\n\n")[0] + "\n":
            return known
        return notes.successor(note, known)

    def _spoilt(self, why: object) -> Refused:
        return Refused(f"{self.path} does not hold what this log signed: {why}")

    def add(self, note: str, at: str) -> None:
        """Remember one more."""
        self._write({"at": at, "note": note})

    def add_successor(self, note: str, at: str) -> None:
        """Remember that another key follows."""
        self._write({"at": at, "successor": note})

    def _write(self, line: dict[str, str]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def look(fetch: Fetch, given: notes.Verifier, memory: Memory, at: str) -> tuple[str, int, int]:
    """Ask the log once: ("first" | "same" | "grown", size before, size now). A key that the known
    one has named as its successor is remembered and believed from then on.

    Raises:
        Refused: bad signature, rollback or fork. Unreachable: no answer.
    """
    before, known = memory.read(given)
    note = fetch("/log/checkpoint").decode("utf-8", "replace")
    known = _followed(fetch, note, known, memory, at)
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


def _followed(
    fetch: Fetch, note: str, known: notes.Verifier, memory: Memory, at: str
) -> notes.Verifier:
    """The key by which a checkpoint is to be read, when others than the known one signed it too:
    whoever the known one, and those after it, have named."""
    mine = f"{known.name}+{known.hash.hex()}"
    if all(signer == mine for signer in notes.signers_of(note)):
        return known
    for said in _successors(fetch):
        try:
            known = notes.successor(said, known)
        except notes.BadNote:
            continue
        memory.add_successor(said, at)
    return known


def _successors(fetch: Fetch) -> list[str]:
    try:
        return [str(note) for note in json.loads(fetch("/log/successors"))["successors"]]
    except (ValueError, KeyError, TypeError, Unreachable):
        return []


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
        kept = Memory(memory)
        found, before, now = look(over_http(site), known, kept, at)
        key_now = kept.read(known)[1]
    except Refused as refusal:
        click.echo(f"REFUSED {refusal}", err=True)
        sys.exit(1)
    except Unreachable as silence:
        click.echo(str(silence), err=True)
        sys.exit(3)
    click.echo(f"{found}: {known.name} {before} -> {now}")
    if key_now != known:
        click.echo(f"the log's key is now {key_now.text}")
