"""Finding persons by what they know of themselves, and staff by their home's credit code."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import or_, select

from lms.core.db import session
from lms.people.identifiers import is_citizen_id, normal_id, normal_phone
from lms.people.models import EmploymentSpell, Organisation, Person
from lms.people.operations import id_hash, phone_hash

_MOST = 400


def find_person_ids(numbers: Sequence[str]) -> dict[str, int]:
    """Citizen id or phone number as typed → person id; those nobody has are left out."""
    wanted = {number: _hash(number) for number in numbers}
    known: dict[str, int] = {}
    hashes = sorted(set(wanted.values()))
    for start in range(0, len(hashes), _MOST):
        some = hashes[start : start + _MOST]
        query = select(Person.id, Person.id_hash, Person.phone_hash).where(
            or_(Person.id_hash.in_(some), Person.phone_hash.in_(some))
        )
        for row in session().execute(query):
            known[row.id_hash] = row.id
            if row.phone_hash:
                known[row.phone_hash] = row.id
    return {number: known[seal] for number, seal in wanted.items() if seal in known}


def _hash(number: str) -> str:
    citizen = normal_id(number)
    return id_hash(citizen) if is_citizen_id(citizen) else phone_hash(normal_phone(number))


def at_work_in(credit_code: str, on: date, posts: Collection[str] = ()) -> list[int]:
    """Ids of the people a home employs on a day (in ``posts``, when given), by name."""
    query = (
        select(Person.id)
        .join(EmploymentSpell, EmploymentSpell.person_id == Person.id)
        .join(Organisation, Organisation.id == EmploymentSpell.organisation_id)
        .where(
            Organisation.credit_code == credit_code,
            EmploymentSpell.superseded_at.is_(None),
            EmploymentSpell.started_on <= on,
            or_(EmploymentSpell.ended_on.is_(None), EmploymentSpell.ended_on >= on),
        )
        .order_by(Person.name, Person.id)
    )
    if posts:
        query = query.where(EmploymentSpell.post.in_(posts))
    return list(session().scalars(query))
