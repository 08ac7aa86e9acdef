"""A paper of an invented person in a design: what is looked at before anything is issued."""

from datetime import UTC, datetime

from flask import current_app

from certificates.designs.models import Design
from certificates.designs.queries import DesignPage, look_in
from certificates.facts import FACE_TITLES
from certificates.paper.face import Private, face
from certificates.paper.render import Format, paper
from lms.core.config import Settings
from lms.core.db import Json, session
from lms.people.api import full_name, organisation_facts

MARK = "样张"
_CODE = "0" * 26  # no certificate has it, so a scan answers that there is none
_SUBJECT = "养老护理员岗前培训"
_ENTRIES = (
    ("2026-03-12", "失能老年人移位技术", 80, "professional"),
    ("2026-06-18", "认知症照护专题", 160, "professional"),
    ("2026-09-02", "职业道德与法律常识", 85, "public"),
)


def sample_paper(design: DesignPage, form: Format) -> bytes:
    """The PDF or PNG of the sample; the same bytes every time."""
    row = session().get_one(Design, design.id)
    settings: Settings = current_app.extensions["settings"]
    look = look_in(row)
    facts = _facts(design, look.words.get("title", ""))
    drawn = face(
        facts, "0" * 64, Private("14010519680312****", None), settings.base_url, MARK, look
    )
    return paper(drawn, datetime(2026, 1, 1, tzinfo=UTC), form)


def _facts(design: DesignPage, title: str) -> Json:
    issuer = organisation_facts(design.issuer_id)
    region = full_name(issuer.region) if issuer else ""
    return {
        "kind": design.kind,
        "code": _CODE,
        "number": "样张 000000",
        "title": title or FACE_TITLES[design.kind],
        "subject": _SUBJECT,
        "issued_on": design.effective_from.isoformat(),
        "valid_to": None,
        "holder": {"name": "龚䶮（样例）", "id_kind": "居民身份证"},
        "issuer": {"region_name": region, "name": design.issuer, "filing": None},
        "award": {
            "rung": 2,
            "grade": "五级/初级工",
            "occupation": "养老护理员",
            "speciality": "--",
        },
        "details": _hours() if design.kind == "ce" else _course(),
    }


def _course() -> Json:
    return {"tenths": 320, "from": "2026-03-02", "to": "2026-03-06", "place": "三楼培训教室"}


def _hours() -> Json:
    sums = {"professional": 240, "public": 85}
    return {
        "from": "2026-01-01",
        "to": "2026-12-31",
        "tenths": sum(sums.values()),
        "totals": [{"category": name, "tenths": tenths} for name, tenths in sums.items()],
        "entries": [
            {"on": on, "source": source, "tenths": n, "category": name, "organiser": "某培训基地"}
            for on, source, n, name in _ENTRIES
        ],
    }
