"""``lms verify`` for credentials: JSON, JWT or baked PNG, with or without this site's register."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click

from certificates.badges import checking
from certificates.badges.addresses import issuer_did
from certificates.badges.checking import Checked
from certificates.badges.export import base_url, unsigned
from certificates.badges.integrity import Keys
from certificates.badges.keys import keys_in, keys_of_site
from certificates.badges.strict import LARGEST, Refused, parse
from certificates.files import code_in
from certificates.verification import verify
from lms.core import clock
from lms.core.db import Json


def keys_from(paths: Sequence[Path]) -> Keys:
    """The keys in saved DID documents (``did.json``)."""
    documents = [_parsed(path) for path in paths]
    return keys_in({str(document.get("id")): document for document in documents})


def lists_from(paths: Sequence[Path]) -> dict[str, str]:
    """Saved status lists by their address."""
    texts = [_text(path) for path in paths]
    try:
        return {checking.list_id(text): text for text in texts}
    except Refused as refusal:
        raise click.UsageError(f"not a status list: {refusal}") from refusal


def verify_offline(text: str, keys: Keys, lists: dict[str, str], as_json: bool) -> bool:
    """Check with saved files alone, print the outcome; True if valid."""
    now = clock.now()
    return _tell(lambda: checking.check(text, keys, lists, now), now, as_json)


def verify_here(text: str, lists: dict[str, str], as_json: bool) -> bool:
    """Check with the keys and the register of this site; True if valid today."""
    now = clock.now()

    def outcome() -> Checked:
        checked = checking.check(text, keys_of_site(_is_ours), lists, now)
        return _as_registered(checked, now)

    return _tell(outcome, now, as_json)


def _is_ours(did: str) -> bool:
    last = did.rsplit(":", 1)[-1]
    return last.isascii() and last.isdigit() and did == issuer_did(base_url(), int(last))


def _as_registered(checked: Checked, now: datetime) -> Checked:
    """The same with the status of the register, as of now.

    Raises:
        Refused: the register has no such certificate, or says something else of it; then the
        document was not made here, whoever signed it.
    """
    address, _, part = str(checked.document["id"]).partition("#")
    verdict = verify(code_in(address.encode()) or "", now)
    if verdict.certificate_id is None or verdict.shown is None:
        raise Refused("signed with this site's key, but not in its register")
    registered = unsigned(verdict.certificate_id, named=part == "named")
    if _essence(registered) != _essence(checked.document):
        raise Refused("signed with this site's key, but the register says something else")
    return replace(checked, status=str(verdict.status), status_as_of=now)


def _essence(document: Json) -> Json:
    """What a credential says of whom; texts around it may change with the years."""
    subject = document["credentialSubject"]
    return {
        "id": document["id"],
        "issuer": checking.issuer_of(document),
        "period": (document["validFrom"], document.get("validUntil")),
        "number": subject.get("licenseNumber"),
        "holder": subject.get("identifier"),
        "achievement": subject.get("achievement", {}).get("name"),
        "places": [entry.get("id") for entry in document.get("credentialStatus", ())],
    }


def _tell(check: Callable[[], Checked], now: datetime, as_json: bool) -> bool:
    try:
        checked = check()
    except Refused as refusal:
        said: Json = {"status": "refused", "reason": refusal.reason}
        click.echo(json.dumps(said) if as_json else f"refused: {refusal.reason}")
        return False
    click.echo(_as_json(checked) if as_json else _as_lines(checked, now))
    return checked.status == "valid"


def _as_json(checked: Checked) -> str:
    as_of = checked.status_as_of
    return json.dumps(
        {
            "status": checked.status,
            "status_as_of": as_of.isoformat("T", "seconds") if as_of else None,
            "message": checked.message,
            "number": checked.number,
            "issuer": checked.issuer,
            "credential": checked.document,
        },
        ensure_ascii=False,
    )


def _as_lines(checked: Checked, now: datetime) -> str:
    document = checked.document
    issuer = document["issuer"]
    subject = document["credentialSubject"]
    holder = [line.get("identityHash", "") for line in subject.get("identifier", ())][:2]
    lines = [
        " ".join(part for part in (f"{checked.status}:", checked.message) if part).rstrip(":"),
        f"{document.get('name', '')}  {checked.number}",
        "  ".join(holder),
        f"{issuer.get('name', '') if isinstance(issuer, dict) else ''}  {checked.issuer}",
        _age(checked, now),
    ]
    return "\n".join(lines)


def _age(checked: Checked, now: datetime) -> str:
    if checked.status_as_of is None:
        return "the signature is good; whether it was revoked since is not known (see --status)"
    age = timedelta(seconds=int((now - checked.status_as_of).total_seconds()))
    when = checked.status_as_of.isoformat("T", "seconds")
    if checked.status == "unknown":
        return f"not revoked or suspended at {when}, {age} ago: too old to say valid today"
    return f"status as of {when}, {age} ago"


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        raise click.UsageError(f"{path.name} is too large")
    try:
        return path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{path.name} is not text") from error


def _parsed(path: Path) -> Json:
    try:
        return parse(_text(path))
    except Refused as refusal:
        raise click.UsageError(f"{path.name}: {refusal}") from refusal
