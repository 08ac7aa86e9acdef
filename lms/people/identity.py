"""Facts about persons and organisations that other packages freeze into documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, true

from lms.core.db import session
from lms.core.vault import vault
from lms.people.models import Account, EvaluatorFiling, Organisation, Person, PersonPhoto

_MOST = 500  # ids a statement; SQLite and PostgreSQL both limit bound parameters


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, id number in full: for documents that person receives, never for lists."""

    person_id: int
    name: str
    id_number: str
    id_masked: str
    photo: bytes | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """How to address somebody; ``phone`` is in full and only there when it was asked for."""

    person_id: int
    name: str
    locale: str
    has_phone: bool
    phone: str = ""


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """An organisation as it stands in the register today."""

    organisation_id: int
    name: str
    credit_code: str
    region: str


@dataclass(frozen=True, slots=True)
class Filing:
    """The filing that lets an organisation evaluate, as it stands on a day."""

    number: str
    category: str
    site: str
    occupation: str
    highest_rung: int
    valid_from: date
    valid_to: date


def photo_place(person_ref: str) -> str:
    """The vault place of a person's portrait."""
    return f"person.photo:{person_ref}"


def identities_of(person_ids: Iterable[int], photos: bool = False) -> dict[int, Identity]:
    """Open the identities of these persons; unknown ids are left out."""
    wanted = sorted(set(person_ids))
    found: dict[int, Identity] = {}
    for start in range(0, len(wanted), _MOST):
        found |= _some_identities(wanted[start : start + _MOST], photos)
    return found


def _some_identities(person_ids: list[int], photos: bool) -> dict[int, Identity]:
    query = select(Person.id, Person.ref, Person.name, Person.id_sealed, Person.id_masked)
    rows = session().execute(query.where(Person.id.in_(person_ids))).all()
    sealed: dict[int, bytes] = {}
    if photos:
        kept = select(PersonPhoto.person_id, PersonPhoto.sealed)
        for person_id, photo in session().execute(
            kept.where(PersonPhoto.person_id.in_(person_ids))
        ):
            sealed[person_id] = photo
    box = vault()
    return {
        row.id: Identity(
            row.id,
            row.name,
            box.open_text(row.id_sealed, f"person.id:{row.ref}"),
            row.id_masked,
            box.open(sealed[row.id], photo_place(row.ref)) if row.id in sealed else None,
        )
        for row in rows
    }


def contacts_of(person_ids: Iterable[int], phones: bool = False) -> dict[int, Contact]:
    """How to address these persons, in the language they chose; unknown ids are left out."""
    wanted = sorted(set(person_ids))
    found: dict[int, Contact] = {}
    for start in range(0, len(wanted), _MOST):
        query = (
            select(Person.id, Person.ref, Person.name, Person.phone_sealed, Account.locale)
            .outerjoin(Account, Account.person_id == Person.id)
            .where(Person.id.in_(wanted[start : start + _MOST]))
        )
        for key, ref, name, sealed, locale in session().execute(query):
            phone = vault().open_text(sealed, f"person.phone:{ref}") if phones and sealed else ""
            found[key] = Contact(key, name, locale or "zh", sealed is not None, phone)
    return found


def organisation_facts(organisation_id: int) -> OrganisationFacts | None:
    """The organisation with this id, or None."""
    row = session().get(Organisation, organisation_id)
    if row is None:
        return None
    return OrganisationFacts(row.id, row.name, row.credit_code, row.region)


def filing_on(
    organisation_id: int, rung: int, day: date, occupation: str | None = None
) -> Filing | None:
    """The filing under which the organisation may evaluate ``rung`` (of ``occupation``, by its
    code) on ``day``, or None."""
    query = (
        select(EvaluatorFiling)
        .where(
            EvaluatorFiling.organisation_id == organisation_id,
            EvaluatorFiling.highest_rung >= rung,
            EvaluatorFiling.valid_from <= day,
            EvaluatorFiling.valid_to >= day,
            true() if occupation is None else EvaluatorFiling.occupation == occupation,
        )
        .order_by(EvaluatorFiling.valid_from.desc(), EvaluatorFiling.id.desc())
        .limit(1)
    )
    row = session().scalar(query)
    if row is None:
        return None
    return Filing(
        row.number,
        row.category,
        row.site,
        row.occupation,
        row.highest_rung,
        row.valid_from,
        row.valid_to,
    )
