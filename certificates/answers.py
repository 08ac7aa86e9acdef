"""The answer to a check for programs."""

from base64 import b64encode
from datetime import date

from flask import current_app

from certificates.badges.addresses import credential_url
from certificates.log.queries import Proof
from certificates.transcript import Transcript
from certificates.verification import Verdict
from lms.core.config import Settings
from lms.core.db import Json


def as_json(verdict: Verdict, day: date | None = None) -> Json:
    """The answer for programs, as ``docs/verification.md`` describes it; with ``day`` also
    whether the certificate was valid then."""
    body: Json = {"status": str(verdict.status), "as_of": verdict.as_of.isoformat("T", "seconds")}
    if verdict.fault is not None:
        body["fault"] = str(verdict.fault)
    if day is not None:
        body["on"] = {"date": day.isoformat(), "valid": verdict.valid_on(day)}
    shown = verdict.shown
    if shown is None:
        return body
    settings: Settings = current_app.extensions["settings"]
    return body | {
        "status_since": verdict.since.isoformat("T", "seconds") if verdict.since else None,
        "code": shown.code,
        "number": shown.number,
        "kind": shown.kind,
        "title": shown.title,
        "subject": shown.subject,
        "level": shown.level,
        "occupation": shown.occupation,
        "speciality": shown.speciality,
        "issued_on": shown.issued_on.isoformat(),
        "valid_to": shown.valid_to.isoformat() if shown.valid_to else None,
        "holder": {"name": shown.holder, "id_kind": shown.id_kind, "id_number": shown.id_masked},
        "issuer": {
            "name": shown.issuer,
            "region": shown.issuer_region,
            "credit_code": shown.credit_code,
            "filing": shown.filing,
        },
        "hours": _hours_as_json(shown.transcript) if shown.transcript else None,
        "replaced_by": verdict.replaced_by,
        "seal": {"algorithm": "Ed25519", "key_id": shown.key_id, "digest": shown.digest},
        "credential": credential_url(settings.base_url, shown.code),
        "log": _proof_as_json(verdict.proof) if verdict.proof else None,
    }


def _hours_as_json(transcript: Transcript) -> Json:
    """A transcript's entries and totals, hours in tenths."""
    return {
        "from": transcript.begins.isoformat(),
        "to": transcript.ends.isoformat(),
        "tenths": transcript.tenths,
        "totals": [{"category": name, "tenths": tenths} for name, tenths in transcript.totals],
        "entries": [
            {
                "on": line.on.isoformat(),
                "category": line.category,
                "tenths": line.tenths,
                "source": line.source,
                "organiser": line.organiser,
            }
            for line in transcript.lines
        ],
    }


def _proof_as_json(proof: Proof) -> Json:
    """The inclusion of the newest event, to be checked without asking this site again."""
    return {
        "leaf_index": proof.place,
        "leaf": proof.data,
        "tree_size": proof.size,
        "audit_path": [b64encode(step).decode() for step in proof.path],
        "checkpoint": proof.note,
    }
