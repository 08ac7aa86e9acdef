"""Route × object: what is not hers answers 404 (403 where her role has no business at all),
changes nothing, and the denial is on record. A route that takes an argument needs a row here."""

import logging
import shutil
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, literal, select, union_all

from lms.core.access import Actor
from lms.core.clock import now as instant
from lms.core.config import load_settings
from lms.core.db import db
from lms.core.web import limiter
from lms.people.api import actor_of
from tests.architecture.test_permissions import routes
from tests.factories.signing_in import sign_in_as
from tests.factories.world import SECRETS, World, build_world
from tests.forms import token_from
from tests.site import Site

NOWHERE = 999_999_999
HTML = {"Accept": "text/html"}
#: Typed into every form, so that a door left open would let something through.
FILLED = {
    "reason": "越权访问的测试", "name": "某某某", "ended_on": "2026-11-23", "minutes": "10",
    "started_on": "2026-01-01", "post": "caregiver", "field": "phone", "kind": "in",
    "beds": "1", "residents": "1", "address": "某处", "evidence": "某证明", "person_id": "1",
    "numbers": "13800000001", "picked": "0", "value": "true", "go": "next",
}  # fmt: skip
BODY = {"device": "d" * 30, "epoch": 1, "steps": [], "seconds": 5, "take_over": True}


@dataclass(frozen=True)
class Row:
    """What a route is asked for: names of objects in the world, or plain values.

    ``owner`` opens it; everybody in 平遥县 is refused, unless it is ``shared`` by all whose role
    has any business there. ``mixed`` are arguments that do not belong together.
    """

    owner: str
    args: dict[str, str]
    shared: bool = False
    json: bool = False
    mixed: tuple[dict[str, str], ...] = field(default=())


def row(owner, *mixed, shared=False, json=False, **args):
    return Row(owner, args, shared, json, mixed)


PERSON = {"person_id": "wang"}
SPELL = PERSON | {"statement_id": "spell"}
EVENT = {"event_id": "event"}
ENTRY = EVENT | {"entry_id": "entry"}
ATTEMPT = {"attempt_id": "attempt"}
SESSION = {"session_id": "session"}
VERSION = {"version_id": "draft"}
CODE = {"code": "certificate"}
DESIGN = {"design_id": "design"}
LESSON = {"course": "course", "lesson": "lesson"}
WRONG_ENTRY = {"event_id": "strange_event", "entry_id": "entry"}
EXAM_ROOM = EVENT | {"room_id": "exam_room"}
WRONG_ROOM = {"event_id": "strange_event", "room_id": "exam_room"}
WRONG_REVIEW = {"event_id": "strange_event", "review_id": "review"}
WRONG_ITEM = {"event_id": "strange_event", "version_id": "pinned"}

ROWS = {
    "accounts.ask": row("admin", act="sign-out", **PERSON),
    "accounts.do": row("admin", act="sign-out", **PERSON),
    "accounts.person": row("admin", **PERSON),
    "accounts.slip": row("admin", **PERSON),
    "analysis.compare": row("zhou", **EVENT),
    "analysis.event": row("zhou", **EVENT),
    "analysis.export": row("zhou", kind="csv", **EVENT),
    "analysis.item": row("zhou", WRONG_ITEM, version_id="pinned", **EVENT),
    "analysis.open_item": row("zhou", WRONG_ITEM, version_id="pinned", **EVENT),
    "analysis.run": row("zhou", **EVENT),
    "analysis.running": row("zhou", {"event_id": "strange_event", "ref": "analysis"},
                            ref="analysis", **EVENT),
    "analysis.state": row("zhou", {"event_id": "strange_event", "ref": "analysis"},
                          ref="analysis", **EVENT),
    "appeals.answer": row("county", appeal_id="appeal", step="accepted"),
    "appeals.withdraw": row("wang", appeal_id="appeal"),
    "badges.credential": row("wang", shared=True, **CODE),
    "badges.download": row("wang", kind="json", **CODE),
    "badges.issuer_document": row("wang", shared=True, organisation_id="issuer"),
    "badges.statuses": row("wang", shared=True, organisation_id="issuer", purpose="revocation",
                           number="0"),
    "bank.approve_chosen": row("zhou", code="bank"),
    "bank.confirm_import": row("zhou", code="bank", ref="import"),
    "bank.create": row("zhou", code="bank"),
    "bank.edit": row("zhou", question_id="question"),
    "bank.export": row("zhou", code="bank"),
    "bank.import_page": row("zhou", code="bank"),
    "bank.import_faults": row("zhou", code="bank", ref="import"),
    "bank.import_plan": row("zhou", code="bank", ref="import"),
    "bank.import_state": row("zhou", code="bank", ref="import"),
    "bank.near_pairs": row("zhou", code="bank"),
    "bank.new": row("zhou", code="bank"),
    "bank.open_key": row("zhou", question_id="question"),
    "bank.open_review": row("zhou", code="bank"),
    "bank.question": row("zhou", question_id="question"),
    "bank.questions": row("zhou", code="bank"),
    "bank.retire_now": row("zhou", question_id="question"),
    "bank.retire_page": row("zhou", question_id="question"),
    "bank.review": row("zhou", code="bank"),
    "bank.revise": row("zhou", question_id="question"),
    "bank.upload": row("zhou", code="bank"),
    "batches.claims": row("county", ref="batch"),
    "batches.halt": row("zhou", ref="batch"),
    "batches.papers": row("zhou", ref="issued_batch"),
    "batches.plan_source": row("zhou", key="exams", number="event"),
    "batches.report": row("zhou", ref="batch", form="csv"),
    "batches.show": row("zhou", ref="batch"),
    "batches.start": row("zhou", ref="batch"),
    "batches.state": row("zhou", ref="batch"),
    "blueprints.edit": row("zhou", blueprint_id="blueprint"),
    "blueprints.new": row("zhou", shared=True, rung="2"),
    "booking.book": row("li", **SESSION),
    "booking.cancel": row("li", SESSION | {"person_id": "zhao"}, **SESSION, **PERSON),
    "booking.page": row("li", **SESSION),
    "catalogue.download": row("chen", **VERSION),
    "catalogue.preview": row("chen", code="lesson", **VERSION),
    "checklists.decide": row("zhou", ref="checklists"),
    "checklists.detail": row("zhou", ref="checklists"),
    "checklists.settle_withdrawal": row("zhou", ref="checklists"),
    "checklists.withdraw": row("zhou", ref="checklists"),
    "catalogue.publish_version": row("chen", **VERSION),
    "catalogue.version": row("chen", **VERSION),
    "catalogue.withdraw_version": row("chen", **VERSION),
    "central.ask_cancel": row("chen", **SESSION),
    "central.cancel": row("chen", **SESSION),
    "central.change": row("chen", **SESSION),
    "central.edit": row("chen", **SESSION),
    "central.invite": row("chen", **SESSION),
    "central.one": row("county", **SESSION),
    "central.open_for_booking": row("chen", **SESSION),
    "certificates_api.show": row("wang", shared=True, **CODE),
    "check_in_review.decide": row("chen", fact_id="1", decision="struck", **SESSION),
    "check_in_review.page": row("county", **SESSION),
    "check_in.confirm": row("wang", shared=True, ref="ref"),
    "check_in.scanned": row("wang", shared=True, ref="ref", code="1-0123456789abcdef"),
    "course_pictures.picture": row("chen", name="picture", **VERSION),
    "door.ask_close": row("chen", **SESSION),
    "door.close": row("chen", **SESSION),
    "door.export": row("chen", kind="csv", **SESSION),
    "door.note": row("chen", **SESSION),
    "door.picture": row("chen", **SESSION),
    "door.screen": row("chen", **SESSION),
    "door.screen_now": row("chen", **SESSION),
    "door.take_back": row("chen", **SESSION),
    "channels.test": row("admin", shared=True, channel="email"),
    "deliveries.again": row("li", delivery_id="delivery"),
    "deliveries.one": row("li", delivery_id="delivery"),
    "hall_paper.bring": row("chen", **SESSION),
    "hall_paper.page": row("chen", **SESSION),
    "hall_paper.roster": row("chen", **SESSION),
    "hall_paper.template": row("chen", **SESSION),
    "designs.against": row("zhou", step="refuse", **DESIGN),
    "designs.approve": row("county", **DESIGN),
    "designs.detail": row("zhou", **DESIGN),
    "designs.new": row("zhou", issuer_id="issuer", kind="ce"),
    "designs.sample": row("zhou", form="webp", **DESIGN),
    "duty.decide": row("county", exemption_id="exemption", step="approved"),
    "duty.page": row("li", **PERSON),
    "duty.propose": row("li", **PERSON),
    "employer.pack": row("li", organisation_id="kangning"),
    "employer.page": row("li", organisation_id="kangning"),
    "endpoints.one": row("li", endpoint_id="endpoint"),
    "endpoints.step": row("li", endpoint_id="endpoint", step="secret"),
    "exam_acts.person": row("zhou", WRONG_ENTRY | {"act": "pause"}, act="pause", **ENTRY),
    "exam_acts.decide_void": row(
        "zhou", WRONG_ENTRY | {"word": "approve"}, word="approve", **ENTRY
    ),
    "exam_acts.propose_void": row("zhou", WRONG_ENTRY, **ENTRY),
    "exam_acts.reinstate": row("zhou", WRONG_ENTRY, **ENTRY),
    "exam_acts.room": row("zhou", WRONG_ROOM | {"act": "pause"}, act="pause", **EXAM_ROOM),
    "exam_candidates.export": row("zhou", kind="csv", **EVENT),
    "exam_candidates.extend": row("zhou", WRONG_ENTRY, **ENTRY),
    "exam_candidates.register": row("zhou", **EVENT),
    "exam_candidates.register_make_up": row("zhou", **EVENT),
    "exam_candidates.release": row("zhou", **EVENT),
    "exam_candidates.skills": row("zhou", WRONG_ENTRY, event_id="practical", entry_id="scored"),
    "exam_candidates.withdraw": row("zhou", WRONG_ENTRY, **ENTRY),
    "exam_events.close": row("zhou", **EVENT),
    "exam_events.edit": row("zhou", **EVENT),
    "exam_events.page": row("zhou", **EVENT),
    "exam_events.progress": row("zhou", **EVENT),
    "exam_events.publish": row("zhou", **EVENT),
    "exam_halls.drop": row("zhou", WRONG_ROOM, **EXAM_ROOM),
    "exam_halls.fill": row("zhou", **EVENT),
    "exam_halls.page": row("zhou", **EVENT),
    "exam_halls.paper": row("zhou", WRONG_ROOM | {"kind": "door"}, kind="seats", **EXAM_ROOM),
    "exam_halls.photo": row("zhou", WRONG_ENTRY, **ENTRY),
    "exam_halls.seat": row("zhou", WRONG_ENTRY, **ENTRY),
    "exam_halls.watch": row("zhou", WRONG_ROOM, **EXAM_ROOM),
    "exam_learner.admission": row("wang", entry_id="entry"),
    "exam_learner.receipt": row("wang", shared=True, code="no-receipt"),
    "exam_learner.result": row("wang", result_id="result"),
    "exam_learner.start": row("wang", entry_id="entry"),
    "exam_media.fetch": row("zhou", digest="asked_picture"),
    "exam_plain.check": row("wang", **ATTEMPT),
    "exam_plain.hand_in": row("wang", **ATTEMPT),
    "exam_plain.question": row("wang", position="1", **ATTEMPT),
    "exam_plain.save": row("wang", position="1", **ATTEMPT),
    "exam_receipts.file": row("wang", **ATTEMPT),
    "exam_results.check": row("zhou", WRONG_REVIEW, review_id="review", event_id="practical"),
    "exam_results.decide": row("zhou", WRONG_REVIEW, review_id="review", event_id="practical"),
    "exam_results.printable": row("zhou", **EVENT),
    "exam_results.publication": row("zhou", **EVENT),
    "exam_results.review": row("zhou", WRONG_REVIEW, review_id="review", event_id="practical"),
    "exam_results.reviews": row("zhou", **EVENT),
    "exam_reviews.ask": row("wang", result_id="result"),
    "exam_room.answers": row("wang", json=True, **ATTEMPT),
    "exam_room.come_in": row("wang", json=True, **ATTEMPT),
    "exam_room.done": row("wang", **ATTEMPT),
    "exam_room.hand_in": row("wang", json=True, **ATTEMPT),
    "exam_room.left": row("wang", json=True, **ATTEMPT),
    "exam_room.page": row("wang", **ATTEMPT),
    "exam_room.tell_time": row("wang", **ATTEMPT),
    "exam_papers.fill": row("zhou", **EVENT),
    "exam_papers.open_preview": row("zhou", **EVENT),
    "exam_papers.papers": row("zhou", **EVENT),
    "exam_papers.pick": row("zhou", event_id="picked"),
    "exam_papers.preview": row("zhou", **EVENT),
    "exam_papers.save_picks": row("zhou", event_id="picked"),
    "exam_papers.state": row("zhou", **EVENT),
    "exam_wall.candidate": row("zhou", WRONG_ENTRY, **ENTRY),
    "exam_wall.everywhere": row("zhou", **EVENT),
    "exam_wall.room": row("zhou", WRONG_ROOM, **EXAM_ROOM),
    "flags.export": row("li", shared=True, kind="csv"),
    "home.dismiss": row("wang", notice_id="notice"),
    "hours.decide": row("li", claim_id="claim", step="approved"),
    "hours.leave": row("li", **PERSON),
    "hours.one": row("wang", claim_id="claim"),
    "hours.person": row("li", **PERSON),
    "hours.picture": row("wang", claim_id="claim"),
    "hours.review": row("li", claim_id="claim"),
    "hours.withdraw": row("wang", claim_id="claim"),
    "key_corrections.decide": row("zhou", ref="correction", word="approve"),
    "key_corrections.new": row("zhou", event_id="event", version_id="pinned", number="0"),
    "key_corrections.page": row("zhou", ref="correction"),
    "key_corrections.state": row("zhou", ref="correction"),
    "learning.check": row("wang", shared=True, **LESSON),
    "learning.course": row("wang", shared=True, course="course"),
    "learning.done": row("wang", shared=True, course="course"),
    "learning.finish": row("wang", shared=True, **LESSON),
    "learning.lesson": row("wang", shared=True, **LESSON),
    "learning.start": row("wang", shared=True, course="course"),
    "marking.answer": row("zhou", ref="script"),
    "marking.decline": row("zhou", ref="script"),
    "marking.queue": row("zhou", event_id="event", version_id="pinned", number="0"),
    "marking.take": row("zhou", event_id="event", version_id="pinned", number="0"),
    "me.end_device": row("wang", session_id="device"),
    "my_post.ask_stop": row("wang", shared=True, token="stop_token"),
    "my_post.confirm": row("wang", token="mail_token"),
    "my_post.stop": row("wang", shared=True, token="stop_token"),
    "my_sessions.answer": row("wang", word="come", **SESSION),
    "my_sessions.calendar": row("wang", **SESSION),
    "objections.agree": row("zhou", objection_id="objection", finding_id="finding"),
    "objections.one": row("zhou", objection_id="objection"),
    "objections.write_finding": row("zhou", objection_id="objection"),
    "organisations.edit": row("li", organisation_id="kangning"),
    "organisations.show": row("li", organisation_id="kangning"),
    "register_log.entries": row("wang", shared=True, name="000.p/1"),
    "register_log.tile": row("wang", shared=True, level="0", name="000.p/1"),
    "pools.close": row("zhou", pool_id="pool"),
    "pools.gaps": row("zhou", issuer_id="issuer"),
    "pools.report": row("zhou", issuer_id="issuer", form="csv"),
    "pools.show": row("zhou", pool_id="pool"),
    "pools.void": row("zhou", pool_id="pool"),
    "publicity.ask": row("wang", shared=True, ref="public", entry_id="public_entry"),
    "publicity.show": row("wang", shared=True, ref="public"),
    "publicity.take": row("wang", shared=True, ref="public", entry_id="public_entry"),
    "register.detail": row("zhou", **CODE),
    "register.export": row("zhou", shared=True, form="csv"),
    "register.reprint": row("zhou", **CODE),
    "register.step": row("zhou", kind="suspended", **CODE),
    "reports.document": row("county", region="county_code", kind="pdf"),
    "reports.home": row("li", organisation_id="kangning"),
    "reports.home_document": row("li", organisation_id="kangning", kind="xlsx"),
    "reports.known_list": row("county", region="county_code", kind="csv"),
    "reports.page": row("county", region="county_code"),
    "roles.ask": row("admin", **PERSON),
    "roles.ask_revoke": row("admin", grant_id="grant"),
    "roles.export": row("admin", shared=True, kind="csv"),
    "roles.grant": row("admin", **PERSON),
    "roles.revoke": row("admin", grant_id="grant"),
    "roster.confirm": row("li", ref="plan"),
    "roster.faults": row("li", ref="plan"),
    "roster.print_page": row("li", ref="applied"),
    "roster.show": row("li", ref="plan"),
    "roster.slips": row("li", ref="applied"),
    "roster.state": row("li", ref="plan"),
    "rulebook.again": row("province", proposal_id="proposal"),
    "rulebook.decide": row("province", proposal_id="proposal", step="withdrawn"),
    "rulebook.proposal": row("province", proposal_id="proposal"),
    "rulebook.propose": row("province", code="rule"),
    "rulebook.rule": row("province", shared=True, code="rule"),
    "rulebook.state": row("province", proposal_id="proposal"),
    "saved.drop": row("li", view_id="view"),
    "saved.file": row("li", view_id="view", kind="csv"),
    "saved.send": row("li", view_id="view"),
    "saved.show": row("li", view_id="view"),
    "staff_person.correct": row("li", {"person_id": "zhao", "statement_id": "spell"}, **SPELL),
    "staff_person.edit": row("li", **PERSON),
    "staff_person.keep_portrait": row("li", **PERSON),
    "staff_person.leave": row("li", {"person_id": "zhao", "statement_id": "spell"}, **SPELL),
    "staff_person.page": row("li", **PERSON),
    "staff_person.photo": row("li", **PERSON),
    "staff_person.reveal": row("li", **PERSON),
    "staff_person.slip": row("li", **PERSON),
    "stations.begin": row("zhou", station_id="station", entry_id="scored"),
    "stations.candidates": row("zhou", station_id="station"),
    "stations.correct": row("zhou", ref="sheet"),
    "stations.panel": row("zhou", event_id="practical", station_id="station"),
    "stations.plan": row("zhou", event_id="practical"),
    "stations.plain": row("zhou", ref="sheet"),
    "stations.ruling": row("zhou", event_id="practical", station_id="station", entry_id="scored"),
    "stations.sheet": row("zhou", ref="sheet"),
    "stations.sign": row("zhou", ref="sheet"),
    "stations.taps": row("zhou", ref="sheet", json=True),
    "training.export": row("li", shared=True, form="csv"),
    "revoking.decide": row("zhou", ref="many"),
    "revoking.detail": row("zhou", ref="many"),
    "revoking.report": row("zhou", ref="many"),
    "share.end": row("wang", share_id="share", **CODE),
    "share.page": row("wang", **CODE),
    "share.photo": row("wang", shared=True, token="share_token"),
    "share.show": row("wang", shared=True, token="share_token"),
    "verify.confirm": row("wang", shared=True, **CODE),
    "verify.page": row("wang", shared=True, **CODE),
    "verify.page_upper": row("wang", shared=True, **CODE),
    "wallet.detail": row("wang", **CODE),
    "wallet.pdf": row("wang", **CODE),
    "wallet.png": row("wang", **CODE),
    "wallet.small": row("wang", **CODE),
    "wallet.thumb": row("wang", **CODE),
}  # fmt: skip


@pytest.fixture(scope="module")
def place(template, tmp_path_factory):
    """One world for this file: an app, its objects, and a log of denials."""
    instance = tmp_path_factory.mktemp("world") / "instance"
    shutil.copytree(template.instance, instance)
    with template.copy(instance) as url:
        settings = load_settings({"LMS_INSTANCE": str(instance), "LMS_DATABASE_URL": url})
        with Site.open(settings) as site:
            limiter.enabled = False
            try:
                yield Place(site, template.cast, build_world(site.app, template.cast))
            finally:
                limiter.enabled = True


class Place:
    """The world and the browsers in it."""

    def __init__(self, site: Site, cast, world: World) -> None:
        self.app, self.cast, self.world = site.app, cast, world
        self.world.objects["zhao"] = cast.zhao
        self._browsers = {}

    def person(self, who: str) -> int:
        return self.world.strangers.get(who) or getattr(self.cast, who)

    def actor(self, who: str) -> Actor:
        with self.app.app_context():
            return actor_of(self.person(who), instant())

    def browser(self, who: str):
        if who not in self._browsers:
            client = sign_in_as(self.app, self.person(who))
            self._browsers[who] = client, token_from(client)
        return self._browsers[who]

    def path(self, endpoint: str, args: dict[str, object]) -> str:
        values = {name: self.world.objects.get(value, value) for name, value in args.items()}
        with self.app.test_request_context():
            return self.app.url_for(endpoint, **values)

    def ask(self, who: str, method: str, endpoint: str, args: dict[str, object], json: bool):
        """The status, and how many denials were written down meanwhile."""
        client, token = self.browser(who)
        more = {}
        if method != "GET":
            more = {"json": BODY} if json else {"data": FILLED | {"csrf_token": token}}
        counter = Denials()
        counter.logger.addHandler(counter)
        try:
            headers = HTML | {"X-CSRFToken": token}
            path = self.path(endpoint, args)
            with client.open(path, method=method, headers=headers, **more) as answer:
                return answer.status_code, counter.seen
        finally:
            counter.logger.removeHandler(counter)

    def counts(self) -> dict[str, int]:
        """Rows of every table."""
        with self.app.app_context():
            each = [
                select(literal(name), select(func.count()).select_from(table).scalar_subquery())
                for name, table in db.metadata.tables.items()
            ]
            return dict(row._tuple() for row in db.session.execute(union_all(*each)))

    def contents(self) -> dict[str, list[str]]:
        """Every row of every table but those that requests touch by themselves."""
        with self.app.app_context():
            return {
                name: sorted(map(repr, db.session.execute(select(table))))
                for name, table in db.metadata.tables.items()
                if name not in {"sign_in"}
            }


class Denials(logging.Handler):
    """Counts what the edge writes about refusals."""

    logger = logging.getLogger("lms.denied")

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.seen += 1


STRANGERS = ("learner", "hr", "officer", "teacher", "examiner")


def taking_arguments(app):
    return [rule for rule in routes(app) if rule.arguments]


def test_every_route_with_an_argument_has_its_row_and_every_row_its_route(site):
    asked = {rule.endpoint for rule in taking_arguments(site.app)}
    assert asked == set(ROWS)


def test_every_row_names_exactly_the_arguments_of_its_route(site):
    for rule in taking_arguments(site.app):
        assert set(ROWS[rule.endpoint].args) == rule.arguments, rule.endpoint


@pytest.mark.parametrize("who", STRANGERS)
def test_what_is_anothers_is_not_there(place, who):
    place.browser(who)
    actor, before, wrong = place.actor(who), place.contents(), []
    for rule in taking_arguments(place.app):
        wanted, view = ROWS[rule.endpoint], place.app.view_functions[rule.endpoint]
        if wanted.shared or getattr(view, "is_public", False):
            continue
        expected = 404 if view.needed_action.admits(actor) else 403
        for args in (wanted.args, *wanted.mixed):
            expected_here = {expected} if args is wanted.args else {404, 403}
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                rows = place.counts() if method != "GET" else {}
                status, denials = place.ask(who, method, rule.endpoint, args, wanted.json)
                if status not in expected_here or not denials or (rows and rows != place.counts()):
                    wrong.append(f"{who} {method} {rule.rule} {args} -> {status}, logged {denials}")
    assert wrong == []
    after = place.contents()
    assert [name for name in before if before[name] != after[name]] == []


def test_what_does_not_exist_is_not_found_even_by_those_with_the_role(place):
    before, wrong = place.contents(), []
    for rule in taking_arguments(place.app):
        wanted = ROWS[rule.endpoint]
        for args in (*absent(place, wanted), *wanted.mixed):
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                status, denials = place.ask(wanted.owner, method, rule.endpoint, args, wanted.json)
                public = getattr(place.app.view_functions[rule.endpoint], "is_public", False)
                if status != 404 or not (denials or public):
                    wrong.append(f"{method} {rule.rule} {args} -> {status}, logged {denials}")
    assert wrong == []
    after = place.contents()
    assert [name for name in before if before[name] != after[name]] == []


def absent(place, wanted):
    """The row's arguments with one object at a time replaced by one that is nowhere."""
    for name, value in wanted.args.items():
        if value in place.world.objects:
            known = place.world.objects[value]
            yield wanted.args | {name: NOWHERE if isinstance(known, int) else "nothing"}


def test_no_list_page_or_export_shows_a_stranger_anything_of_the_other_county(place):
    leaks = []
    for who in STRANGERS:
        client, _token = place.browser(who)
        for rule in routes(place.app):
            if "GET" not in rule.methods:
                continue
            shared_list = rule.endpoint in ROWS and ROWS[rule.endpoint].shared
            if rule.arguments and not shared_list:
                continue
            args = ROWS[rule.endpoint].args if rule.arguments else {}
            if set(args.values()) & set(place.world.objects):
                continue
            with client.get(place.path(rule.endpoint, args), headers=HTML) as answer:
                seen = [secret for secret in SECRETS if secret.encode() in answer.data]
            if seen:
                leaks.append(f"{who} {rule.rule}: {seen}")
    assert leaks == []


def test_the_rows_are_real_their_owners_open_every_page(place):
    """Last in this file: without it a mistyped row would pass for a closed door."""
    wrong = []
    for rule in taking_arguments(place.app):
        wanted = ROWS[rule.endpoint]
        if "GET" not in rule.methods or rule.endpoint == "exam_learner.receipt":
            continue
        status, _seen = place.ask(wanted.owner, "GET", rule.endpoint, wanted.args, False)
        if status >= 400:
            wrong.append(f"{wanted.owner} {rule.rule} -> {status}")
    assert wrong == []
