"""Commands: check a certificate."""

import json
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from certificates import files
from certificates.answers import as_json
from certificates.badges import checking
from certificates.badges import cli as badges
from certificates.badges.baking import unbaked
from certificates.batches.cli import certificates_group
from certificates.keeping.cli import keys
from certificates.log.cli import log_commands
from certificates.log.witness import witness_command
from certificates.rules import Status
from certificates.verification import Verdict, verify
from certificates.words import STATUS_WORDS
from lms.core import clock

LARGEST_FILE = 50 * 1024 * 1024
_COMPARED = {
    True: "the file is exactly as this site draws it",
    False: "the file is NOT as this site draws it: edited, or of an older design",
    None: "",
}


_saved = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("verify")
@click.argument("file_or_code")
@click.option("--json", "as_json_text", is_flag=True, help="print the answer as JSON")
@click.option(
    "--did",
    multiple=True,
    type=_saved,
    help="saved did.json of the issuer; then no database is asked",
)
@click.option("--status", multiple=True, type=_saved, help="saved status list of the issuer")
def verify_command(
    file_or_code: str, as_json_text: bool, did: tuple[Path, ...], status: tuple[Path, ...]
) -> None:
    """Check a certificate by its code, its address, its PDF or PNG, or its credential
    (JSON, JWT or baked PNG).

    Exit code 0 means valid today (and, for a file, unaltered), 1 anything else.
    """
    content = _content(file_or_code)
    presented = checking.presented(content) if content is not None else None
    if did and presented is None:
        raise click.UsageError("--did checks a credential: JSON, JWT or baked PNG")
    if did and presented is not None:
        lists = badges.lists_from(status)
        good = badges.verify_offline(presented, badges.keys_from(did), lists, as_json_text)
    else:
        good = _verify_here(file_or_code, content, presented, status, as_json_text)
    sys.exit(0 if good else 1)


@with_appcontext
def _verify_here(
    argument: str,
    content: bytes | None,
    presented: str | None,
    status: tuple[Path, ...],
    as_json_text: bool,
) -> bool:
    """Check with the keys and the register of this site."""
    if presented is not None:
        picture = _picture(content)
        unaltered = picture is None or _same(picture) is not False
        if not unaltered:
            click.echo(_COMPARED[False], err=as_json_text)
        good = badges.verify_here(presented, badges.lists_from(status), as_json_text)
        return good and unaltered
    return _verify_paper(argument, content, as_json_text)


def _verify_paper(argument: str, content: bytes | None, as_json_text: bool) -> bool:
    code = files.code_in_text(argument) if content is None else files.code_in(content)
    if code is None:
        raise click.UsageError("neither a certificate code nor a file that carries one")
    verdict = verify(code, clock.now())
    same = None
    if content is not None and verdict.certificate_id is not None:
        same = files.is_as_drawn(verdict.certificate_id, content)
    if as_json_text:
        answer = as_json(verdict) | ({} if content is None else {"file_unaltered": same})
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _tell(verdict, same)
    return verdict.status is Status.VALID and same is not False


def _picture(content: bytes | None) -> bytes | None:
    """The picture of a baked PNG as it was before."""
    return unbaked(content) if content and files.form_of(content) == "png" else None


def _same(picture: bytes) -> bool | None:
    """Whether a picture is one of ours, as drawn; see ``files.is_as_drawn``."""
    code = files.code_in(picture)
    verdict = verify(code or "", clock.now())
    return files.is_as_drawn(verdict.certificate_id, picture) if verdict.certificate_id else False


def _content(argument: str) -> bytes | None:
    """The file's bytes, or None when the argument names no file."""
    path = Path(argument)
    try:
        if not path.is_file():
            return None
        if path.stat().st_size > LARGEST_FILE:
            raise click.UsageError("the file is larger than any certificate")
        return path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"cannot read {argument}: {error.strerror}") from error


def _tell(verdict: Verdict, same: bool | None) -> None:
    since = f" ({clock.local_date(verdict.since)})" if verdict.since else ""
    click.echo(f"{verdict.status}: {STATUS_WORDS[verdict.status][0]}{since}")
    if verdict.shown is not None:
        shown = verdict.shown
        click.echo(f"{shown.title}  {shown.number}")
        click.echo(f"{shown.subject}  {shown.holder}  {shown.id_masked}")
        click.echo(f"{shown.issuer}  {shown.issued_on}")
    if same is not None:
        click.echo(_COMPARED[same])


commands: list[click.Command] = [
    verify_command,
    keys,
    log_commands,
    witness_command,
    certificates_group,
]
