"""The sealed facts of a certificate as an Open Badges 3.0 credential, not yet signed.

Strangers read no more in it than on the verification page; the holder may have hers with her name.
"""

from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from certificates.badges import contexts
from certificates.badges.addresses import credential_url, issuer_did, list_url
from certificates.badges.lists import MESSAGES, PURPOSES
from certificates.badges.places import Place
from certificates.verification import hidden_id
from lms.core import clock
from lms.core.db import Json
from lms.people.api import mask_name

_TYPES = {"skill": "Certification"}
_CRITERIA = {
    "skill": "经备案的评价机构按国家职业标准评价合格。谁评价，谁负责，谁发证。",
    "course": "学完课程全部内容并完成考核。",
    "central": "按规定参加集中培训并签到。",
}
_CRITERIA_ELSE = "由发证机构依据其记录核发。"
_SECOND = timedelta(seconds=1)


def credential(facts: Json, place: Place, base_url: str, named: bool) -> Json:
    """The credential of a certificate with these facts; ``named`` only for its holder."""
    url = credential_url(base_url, facts["code"])
    body: Json = {
        "@context": [contexts.CREDENTIALS, contexts.OPEN_BADGES],
        "id": f"{url}#named" if named else url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{facts['title']} {facts['subject']}",
        "issuer": _issuer(facts["issuer"], base_url),
        "validFrom": _begins(date.fromisoformat(facts["issued_on"])),
    }
    if facts["valid_to"]:
        body["validUntil"] = _ends(date.fromisoformat(facts["valid_to"]))
    return body | {
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": _identifiers(facts["holder"], named),
            "licenseNumber": facts["number"],
            "achievement": _achievement(facts, base_url),
        },
        "evidence": [
            {"id": f"{base_url}/v/{facts['code']}", "type": ["Evidence"], "name": "在线核验"}
        ],
        "credentialStatus": [
            _status(purpose, facts["issuer"]["organisation"], place, base_url)
            for purpose in PURPOSES
        ],
    }


def _begins(day: date) -> str:
    return clock.start_of(day).astimezone(clock.SHANGHAI).isoformat()


def _ends(day: date) -> str:
    return (
        clock.start_of(day + timedelta(days=1)).astimezone(clock.SHANGHAI) - _SECOND
    ).isoformat()


def _issuer(issuer: Json, base_url: str) -> Json:
    known_as = [("ext:unifiedSocialCreditCode", issuer["credit_code"])]
    if issuer["filing"]:
        known_as.append(("ext:evaluatorFiling", issuer["filing"]))
    return {
        "id": issuer_did(base_url, issuer["organisation"]),
        "type": ["Profile"],
        "name": issuer["name"],
        "otherIdentifier": [
            {"type": ["IdentifierEntry"], "identifier": text, "identifierType": kind}
            for kind, text in known_as
        ],
    }


def _identifiers(holder: Json, named: bool) -> list[Json]:
    """The name, masked unless it is for her; the region of her id number; and the commitment to
    the whole number, whose salt never leaves the vault, so that nobody can try numbers on it."""
    name = ("name", holder["name"]) if named else ("ext:maskedName", mask_name(holder["name"]))
    return [
        {"type": "IdentityObject", "hashed": False, "identityHash": text, "identityType": kind}
        for kind, text in (
            name,
            ("ext:maskedNationalIdentityNumber", hidden_id(holder["id_masked"])),
            ("ext:sealedIdentityCommitment", holder["id_commitment"]),
        )
    ]


def _achievement(facts: Json, base_url: str) -> Json:
    """What was achieved; the same for everybody who achieved it with this issuer."""
    did = issuer_did(base_url, facts["issuer"]["organisation"])
    kind, subject = facts["kind"], facts["subject"]
    said: dict[str, Any] = {
        "id": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{did}#{kind}:{subject}')}",
        "type": ["Achievement"],
        "name": subject,
        "description": facts["title"],
        "achievementType": _TYPES.get(kind, "CertificateOfCompletion"),
        "criteria": {"narrative": _CRITERIA.get(kind, _CRITERIA_ELSE)},
        "inLanguage": "zh-CN",
    }
    award = facts["award"]
    if award:
        said |= {
            "humanCode": award["occupation_code"],
            "fieldOfStudy": award["occupation"],
            "specialization": award["speciality"],
        }
    return said


def _status(purpose: str, organisation_id: int, place: Place, base_url: str) -> Json:
    url = list_url(base_url, organisation_id, purpose, place.list_number)
    entry: Json = {
        "id": f"{url}#{place.place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(place.place),
        "statusListCredential": url,
    }
    if purpose == "message":
        entry["statusSize"] = 1
        entry["statusMessage"] = [
            {"status": status, "message": message} for status, message in MESSAGES.items()
        ]
    return entry
