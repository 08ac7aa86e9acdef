"""What stands on the face: the sealed facts in the words of the paper."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from certificates.paper.look import PICTURES, PLAIN, Look
from certificates.rules import grouped
from certificates.transcript import read_transcript
from lms.core.db import Json
from lms.core.ladder import Rung

TEMPLATES = {
    "skill": "skill.typ",
    "course": "training.typ",
    "central": "training.typ",
    "ce": "transcript.typ",
}
_CATEGORIES = {"professional": "专业科目", "public": "公需科目"}
_MOST_WIDE = 190  # characters of sentence and facts that a wide sheet holds
_MOST_AIRY = 90  # characters of facts beyond which the rows stand closer
_ISSUER_WIDTH = 244  # points of width for the issuer's name


SEAL_NOTES = {
    "skill": "证书专用章",
    "course": "培训专用章",
    "central": "培训专用章",
    "ce": "学时专用章",
}
ENGLISH = {
    "course": "CERTIFICATE OF COMPLETION",
    "central": "RECORD OF CENTRALISED TRAINING",
    "ce": "CONTINUING EDUCATION TRANSCRIPT",
}
PLACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Face:
    """Everything a paper is drawn from: texts for the sheet, pictures by name, the look."""

    kind: str
    texts: dict[str, Any]
    pictures: dict[str, bytes]
    look: Look


@dataclass(frozen=True, slots=True)
class Private:
    """What the public facts leave out: the full id number and the photo."""

    id_number: str
    photo: bytes | None


def face(
    facts: Json, digest: str, private: Private, base_url: str, mark: str = "", look: Look = PLAIN
) -> Face:
    """What is drawn; ``mark`` runs across the sheet and says why it is no certificate."""
    texts = _texts(facts, digest, private, base_url, look)
    pictures = dict(look.pictures)
    if private.photo:
        pictures["photo"] = private.photo
    texts |= {
        "layout": _layout(texts, look),
        "frame": look.frame,
        "accent": look.accent,
        "line": look.line,
        "mark": mark,
        **{name: f"{name}.svg" if name in pictures else None for name in ("photo", *PICTURES)},
    }
    return Face(facts["kind"], texts, pictures, look)


def _texts(facts: Json, digest: str, private: Private, base_url: str, look: Look) -> dict[str, Any]:
    issuer = facts["issuer"]
    url = f"{base_url}/v/{facts['code']}"
    common = {
        "title": facts["title"],
        "title-size": _title_size(facts["title"]),
        "region": issuer["region_name"],
        "holder": facts["holder"]["name"],
        "id_kind": facts["holder"]["id_kind"],
        "id_number": private.id_number,
        "number": facts["number"],
        "issuer": issuer["name"],
        "issuer-size": min(15, _ISSUER_WIDTH // max(len(issuer["name"]), 1)),
        "filing": issuer["filing"],
        "issued": chinese_date(facts["issued_on"]),
        "url": url,
        "site": base_url,
        "code": grouped(facts["code"]),
        "fingerprint": f"{digest[:8]} {digest[8:16]}",
        "note": look.word("note", ""),
        "signer": look.word("signer", ""),
        "seal-note": look.word("seal_note", SEAL_NOTES[facts["kind"]]),
    }
    words = {"skill": _skill, "ce": _transcript}.get(facts["kind"], _training)
    own = words(facts, look)
    return common | own | {"body-size": _body_size(own["body"])}


def chinese_date(iso: str) -> str:
    """``2026年11月20日``."""
    return _day(date.fromisoformat(iso))


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def hours(tenths: int) -> str:
    """``32`` or ``7.5`` class hours from tenths."""
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)


def _title_size(title: str) -> int:
    return 38 if len(title) <= 6 else 33 if len(title) <= 9 else 25


def _layout(texts: dict[str, Any], look: Look) -> str:
    """The look's layout; a wide sheet has less room, so what is too long for it stands upright."""
    told = len(texts["body"]) + sum(len(line[2]) for line in texts.get("lines", ()))
    return "portrait" if told > _MOST_WIDE else look.layout


def _body_size(body: str) -> int:
    """Points; a long sentence gets smaller letters, so that the sheet stays one page."""
    return next((size for most, size in ((70, 13), (120, 11), (200, 10)) if len(body) <= most), 8)


def _body(usual: str, look: Look, values: dict[str, str]) -> str:
    """The design's sentence with its places filled, or the usual one."""
    own = look.word("body", "")
    return PLACES.sub(lambda place: values.get(place[1], ""), own) if own else usual


def _skill(facts: Json, look: Look) -> dict[str, Any]:
    award = facts["award"]
    how = "职业技能等级认定" if Rung(award["rung"]).examined else "职业技能等级评聘"
    return {
        "row-gutter": 6,
        "body": f"本证书由{facts['issuer']['name']}颁发，表明持证人通过本机构组织的{how}，"
        "具备该职业（工种）相应技能等级水平。",
        "occupation": award["occupation"],
        "speciality": award["speciality"],
        "grade": award["grade"],
    }


def _training(facts: Json, look: Look) -> dict[str, Any]:
    details, central = facts["details"], facts["kind"] == "central"
    act = (
        "参加集中培训，按要求完成全部内容，特此证明。"
        if central
        else "完成规定课程，考核合格，准予结业。"
    )
    lines = [("培训名称" if central else "培训课程", "Programme", facts["subject"])]
    if details.get("tenths"):
        lines.append(("学　　时", "Class hours", f"{hours(details['tenths'])} 学时"))
    if details.get("place"):
        lines.append(("培训地点", "Place", str(details["place"])))
    if facts["valid_to"]:
        lines.append(("有效期至", "Valid to", chinese_date(facts["valid_to"])))
    lines.append(("证明编号" if central else "证书编号", "No.", facts["number"]))
    return {
        "row-gutter": 7 if sum(len(line[2]) for line in lines) <= _MOST_AIRY else 4,
        "english": look.word("english", ENGLISH[facts["kind"]]),
        "body": _body(
            f"{_period(details, facts['issued_on'])}{act}",
            look,
            {
                "时间": _period(details, facts["issued_on"]).removeprefix("于"),
                "内容": facts["subject"],
                "学时": hours(details.get("tenths") or 0),
                "机构": facts["issuer"]["name"],
            },
        ),
        "lines": lines,
    }


def _transcript(facts: Json, look: Look) -> dict[str, Any]:
    read = read_transcript(facts["details"])
    sums = "，".join(f"{_CATEGORIES.get(name, name)} {hours(n)} 学时" for name, n in read.totals)
    return {
        "row-gutter": 5,
        "english": look.word("english", ENGLISH["ce"]),
        "body": _body(
            f"{_day(read.begins)}至{_day(read.ends)}，"
            f"持证人完成继续教育 {hours(read.tenths)} 学时（{sums}），明细如下。",
            look,
            {
                "时间": f"{_day(read.begins)}至{_day(read.ends)}",
                "内容": sums,
                "学时": hours(read.tenths),
                "机构": facts["issuer"]["name"],
            },
        ),
        "lines": [
            ("合　　计", "Total", f"{hours(read.tenths)} 学时"),
            ("证明编号", "No.", facts["number"]),
        ],
        "head": ["日期", "内容", "组织单位", "类别", "学时"],
        "entries": [
            [
                line.on.isoformat(),
                line.source,
                line.organiser or "--",
                _CATEGORIES.get(line.category, line.category),
                hours(line.tenths),
            ]
            for line in read.lines
        ],
    }


def _period(details: Json, issued_on: str) -> str:
    begin, end = details.get("from"), details.get("to")
    if begin and end and begin != end:
        return f"于{chinese_date(begin)}至{chinese_date(end)}"
    return f"于{chinese_date(end or begin or issued_on)}"
