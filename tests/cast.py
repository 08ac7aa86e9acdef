"""The cast: a handful of named people in two counties, known to every test.

小店区 (140105, Taiyuan) has 康宁养老院 and the county's training base; 平遥县 (140728, Jinzhong)
has 古城养老院. All are synthetic.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.rules import add_version
from lms.people.api import (
    NewPerson,
    add_organisation,
    credit_check_digit,
    employ,
    file_evaluator,
    grant_role,
    id_check_digit,
    register_person,
)
from lms.people.models import Account

THEN = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
START = date(2024, 3, 1)


@dataclass(frozen=True)
class Cast:
    """Ids of the people and places."""

    kangning: int  # a home in 小店区
    gucheng: int  # a home in 平遥县
    base: int  # training base and evaluator in 小店区
    wang: int  # 王桂兰, caregiver at 康宁
    zhao: int  # 赵秀英, caregiver at 古城
    li: int  # 李敏, HR at 康宁
    sun: int  # 孙芳, HR at 古城
    chen: int  # 陈老师, author and teacher at the base
    zhou: int  # 周考官, examiner and marker at the base
    county: int  # officer of 小店区
    other_county: int  # officer of 平遥县
    city: int  # officer of 太原市
    province: int  # officer of 山西省
    admin: int  # administrator


def credit_code(serial: int) -> str:
    """A synthetic credit code."""
    first = f"52140000MJ{serial:07d}"
    return first + credit_check_digit(first)


def citizen_id(serial: int, born: str = "19720801", region: str = "140105") -> str:
    """A synthetic citizen id."""
    first = f"{region}{born}{serial:03d}"
    return first + id_check_digit(first)


def build_cast() -> Cast:
    """Register everybody; called once per run inside a unit of work. Certificates are issued at
    once: what publicity does is tested where a test asks for it."""
    add_version(SYSTEM, "certificates.publicity", {"working_days": {}}, START, "at once")
    home = add_organisation(credit_code(1), "康宁养老院", "home", "140105", THEN, beds=60)
    other = add_organisation(credit_code(2), "古城养老院", "home", "140728", THEN, beds=40)
    base = add_organisation(credit_code(3), "小店养老护理培训基地", "base", "140105", THEN)
    file_evaluator(base, "晋养评备2026001", "S", "000123", (date(2026, 1, 1), date(2028, 12, 31)))
    people = {
        key: _person(number, name)
        for number, (key, name) in enumerate(
            {
                "wang": "王桂兰", "zhao": "赵秀英", "li": "李敏", "sun": "孙芳", "chen": "陈建国",
                "zhou": "周文静", "county": "郑晓东", "other_county": "冯丽", "city": "韩志强",
                "province": "沈玉梅", "admin": "管理员甲",
            }.items(),
            start=1,
        )
    }  # fmt: skip
    for key, place, post in (
        ("wang", home, "caregiver"), ("zhao", other, "caregiver"),
        ("li", home, "clerk"), ("sun", other, "clerk"),
    ):  # fmt: skip
        employ(people[key], place.id, post, START, SYSTEM, THEN)
    _grants(people, home.id, other.id, base.id)
    return Cast(kangning=home.id, gucheng=other.id, base=base.id, **people)


def _person(number: int, name: str) -> int:
    new = NewPerson(name, citizen_id(number), f"1380000{number:04d}")
    person = register_person(new, SYSTEM, THEN)
    account = session().get_one(Account, person.account.id if person.account else 0)
    account.status = "active"
    return person.id


def _grants(people: dict[str, int], home: int, other: int, base: int) -> None:
    day = date(2026, 1, 1)
    for key, role, place in (
        ("li", Role.HR, home), ("sun", Role.HR, other), ("chen", Role.AUTHOR, base),
        ("chen", Role.TEACHER, base), ("zhou", Role.EXAMINER, base), ("zhou", Role.MARKER, base),
        ("zhou", Role.INVIGILATOR, base),
    ):  # fmt: skip
        grant_role(people[key], role, SYSTEM, THEN, day, organisation_id=place)
    for key, region in (
        ("county", "140105"), ("other_county", "140728"), ("city", "1401"), ("province", "14"),
    ):  # fmt: skip
        grant_role(people[key], Role.OFFICER, SYSTEM, THEN, day, region=region)
    grant_role(people["admin"], Role.ADMIN, SYSTEM, THEN, day)
