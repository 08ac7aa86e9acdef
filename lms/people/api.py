"""The door of ``lms.people``."""

from lms.people.demo import DemoAccount, DemoHome, DemoStaff, DemoWorld, build_world
from lms.people.identifiers import (
    credit_check_digit,
    id_check_digit,
    is_citizen_id,
    is_credit_code,
    is_mobile,
    mask_id,
    mask_name,
    mask_phone,
)
from lms.people.identity import (
    Filing,
    Identity,
    OrganisationFacts,
    filing_on,
    identities_of,
    organisation_facts,
    photo_place,
)
from lms.people.operations import (
    NewPerson,
    add_organisation,
    employ,
    file_evaluator,
    grant_role,
    register_person,
    restate_spell,
)
from lms.people.regions import (
    all_regions,
    children_of,
    full_name,
    level_of,
    load_regions,
    region_name,
)
from lms.people.rooms import register
from lms.people.sessions import employers_of, grants_of, load_actor

__all__ = [
    "DemoAccount",
    "DemoHome",
    "DemoStaff",
    "DemoWorld",
    "Filing",
    "Identity",
    "NewPerson",
    "OrganisationFacts",
    "add_organisation",
    "all_regions",
    "build_world",
    "children_of",
    "credit_check_digit",
    "employ",
    "employers_of",
    "file_evaluator",
    "filing_on",
    "full_name",
    "grant_role",
    "grants_of",
    "id_check_digit",
    "identities_of",
    "is_citizen_id",
    "is_credit_code",
    "is_mobile",
    "level_of",
    "load_actor",
    "load_regions",
    "mask_id",
    "mask_name",
    "mask_phone",
    "organisation_facts",
    "photo_place",
    "region_name",
    "register",
    "register_person",
    "restate_spell",
]
