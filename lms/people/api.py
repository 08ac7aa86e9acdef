"""The door of ``lms.people``."""

from lms.people.accounts.keeping import create_administrator, grant_role, revoke_role
from lms.people.accounts.passwords import hash_password
from lms.people.accounts.policy import ISSUE_SLIP, SlipTarget
from lms.people.accounts.second_factor import detour, requires_recent_second_factor
from lms.people.accounts.slips import issue_slip, slip_target
from lms.people.actors import actor_named, actor_of
from lms.people.changes import EMPLOYMENT_CHANGED
from lms.people.cli import commands
from lms.people.demo import DemoAccount, DemoHome, DemoStaff, DemoWorld, build_world
from lms.people.finding import at_work_in, find_person_ids
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
    Contact,
    Filing,
    Identity,
    OrganisationFacts,
    contacts_of,
    filing_on,
    identities_of,
    organisation_facts,
    photo_place,
)
from lms.people.jobs import JOBS
from lms.people.operations import (
    NewPerson,
    add_organisation,
    employ,
    file_evaluator,
    register_person,
    restate_spell,
)
from lms.people.posts import post_labels
from lms.people.queries import (
    OrganisationCard,
    PersonCard,
    SpellFact,
    claimed_rungs,
    count_ever_employed,
    employed_in,
    employers_on,
    ever_employed,
    officers_of,
    organisation_card,
    organisation_cards,
    organisations_in,
    person_cards,
    role_holders,
    spells_as_known,
    within,
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
from lms.people.rosters.jobs import TASK_RUNNERS
from lms.people.session_cookie import cookie_name, hashed
from lms.people.sessions import (
    IDLE,
    employers_of,
    grants_of,
    is_noted,
    learner_preferences,
    learner_sessions,
    load_actor,
    note_seen,
    second_factor_enforced,
)
from lms.people.staff.photos import photo_of, with_photos
from lms.people.staff.queries import find_people
from lms.people.staffing import staff_on, staff_within

__all__ = [
    "EMPLOYMENT_CHANGED",
    "IDLE",
    "ISSUE_SLIP",
    "JOBS",
    "TASK_RUNNERS",
    "Contact",
    "DemoAccount",
    "DemoHome",
    "DemoStaff",
    "DemoWorld",
    "Filing",
    "Identity",
    "NewPerson",
    "OrganisationCard",
    "OrganisationFacts",
    "PersonCard",
    "SlipTarget",
    "SpellFact",
    "actor_named",
    "actor_of",
    "add_organisation",
    "all_regions",
    "at_work_in",
    "build_world",
    "children_of",
    "claimed_rungs",
    "commands",
    "contacts_of",
    "cookie_name",
    "count_ever_employed",
    "create_administrator",
    "credit_check_digit",
    "detour",
    "employ",
    "employed_in",
    "employers_of",
    "employers_on",
    "ever_employed",
    "file_evaluator",
    "filing_on",
    "find_people",
    "find_person_ids",
    "full_name",
    "grant_role",
    "grants_of",
    "hash_password",
    "hashed",
    "id_check_digit",
    "identities_of",
    "is_citizen_id",
    "is_credit_code",
    "is_mobile",
    "is_noted",
    "issue_slip",
    "learner_preferences",
    "learner_sessions",
    "level_of",
    "load_actor",
    "load_regions",
    "mask_id",
    "mask_name",
    "mask_phone",
    "note_seen",
    "officers_of",
    "organisation_card",
    "organisation_cards",
    "organisation_facts",
    "organisations_in",
    "person_cards",
    "photo_of",
    "photo_place",
    "post_labels",
    "region_name",
    "register",
    "register_person",
    "requires_recent_second_factor",
    "restate_spell",
    "revoke_role",
    "role_holders",
    "second_factor_enforced",
    "slip_target",
    "spells_as_known",
    "staff_on",
    "staff_within",
    "with_photos",
    "within",
]
