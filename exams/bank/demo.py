"""The demo base's own bank: questions in use, some that wait for the examiner, one retired."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from exams.bank.formats import yaml_text
from exams.bank.formats.items import Item
from exams.bank.models import Question, QuestionVersion
from exams.bank.operations import add_bank, approve, retire
from exams.bank.starter_bank import FOLDER
from exams.bank.writing import Pending, append_versions
from lms.core.access import Actor, Grant, Role
from lms.core.db import session
from lms.people.api import DemoWorld

CODE = "base-practice"
#: How many of the last questions still wait for a second person.
WAITING = 6


def seed_bank(world: DemoWorld, now: datetime) -> int:
    """Give the base a bank to look after; how many questions it has."""
    grant = (Grant(Role.AUTHOR, world.base_id),)
    author = Actor(world.logins["author"], 0, "demo", grant)
    examiner = Actor(world.logins["examiner"], 0, "demo", (Grant(Role.EXAMINER, world.base_id),))
    written = now - timedelta(days=40)
    bank = add_bank(CODE, "基地练习题库", world.base_id, author, written)
    pending = [
        Pending(f"lx-{number:03d}", 1, replace(item.draft, source="基地自编"))
        for number, item in enumerate(_material(), start=1)
    ]
    ids = append_versions(bank.id, pending, author.person_id, written)
    chosen = session().scalars(select(QuestionVersion).where(QuestionVersion.id.in_(ids)))
    versions = {version.id: version for version in chosen}
    for version_id in ids[:-WAITING]:
        approve(versions[version_id], examiner, written + timedelta(days=1))
    retire(session().get_one(Question, versions[ids[0]].question_id), author, now)
    return len(ids)


def _material() -> list[Item]:
    folder = FOLDER / "caregiver-junior"
    names = ("ethics.yaml", "basic-care.yaml", "more-kinds.yaml", "rehabilitation.yaml")
    return [item for name in names for item in yaml_text.read((folder / name).read_bytes()).items]
