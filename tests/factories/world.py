"""A small world in two counties: one object of every kind in 小店区, strangers in 平遥县."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import select

from certificates.api import Group, Issued, Pending, award
from certificates.publicity.objecting import find, object_to
from certificates.revoking import operations as revoking
from certificates.revoking.choosing import Chosen
from certificates.sharing.operations import make, token_of
from courses.appeals.operations import appeal
from courses.catalogue.operations import read_files, save_draft
from courses.claims.operations import ClaimDraft, claim
from courses.classroom.models import AttendanceFact
from courses.compliance.operations import ExemptionRequest, propose_exemption
from courses.rulebook.operations import Draft, propose
from exams.analysis.jobs import ANALYSIS
from exams.bank import shelf, uploads
from exams.bank.jobs import PLAN as IMPORT_PLAN
from exams.bank.models import Question
from exams.entries.models import ExamEvent, ExamRoom, ExamSite
from exams.marking.checklists.operations import keep as keep_checklists
from exams.marking.operations import checklist, record_skills
from exams.papers.queries import slots_of
from exams.results.concluding import release_all
from exams.results.reviewing import ask
from exams.sittings.starting import start
from lms.core import clock, tasks
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.notify import Notice, tell
from lms.core.rules import rule_versions
from lms.core.uow import unit_of_work
from lms.people.api import (
    NewPerson,
    actor_of,
    add_organisation,
    file_evaluator,
    grant_role,
    register_person,
)
from lms.people.models import Account, EmploymentSpell, RoleGrant, SignIn
from lms.people.rosters.jobs import APPLY, PLAN
from lms.people.staff.photos import keep_photo, portrait
from lms.portal.saved import operations as saved_views
from lms.post import endpoints
from lms.post.models import PostAddress, PostDelivery
from lms.post.packing import stop_tokens, verify_tokens
from lms.post.sending import Message, Place, to_person
from tests.cast import THEN, Cast, citizen_id, credit_code
from tests.factories.central import NINE, book, open_session
from tests.factories.certificates import issue_now, skill_request
from tests.factories.courses import course_files, published
from tests.factories.designs import drafted
from tests.factories.exams import (
    PANEL,
    enter_person,
    examiner,
    fill_bank,
    learner,
    own_blueprint,
    picked_event,
    skills_event,
    theory_event,
)
from tests.factories.issuing import kept, pool, publicity, run_all, sheet_of
from tests.factories.marking import at_station, in_hand
from tests.factories.media import picture
from tests.factories.signing_in import sign_in_as

#: Names of the event, the session, the draft and the people that no stranger may ever read.
SECRETS = ("王桂兰", "李敏", "小店区初级工考试", "小店区集中培训", "小店区课程草稿")


@dataclass
class World:
    """Names → ids and codes of the objects; roles in 平遥县 that have no business with them."""

    objects: dict[str, Any] = field(default_factory=dict)
    strangers: dict[str, int] = field(default_factory=dict)


def build_world(app: Flask, cast: Cast) -> World:
    """Make everything; the person of every learner's object is 王桂兰."""
    world = World()
    sign_in_as(app, cast.wang)
    with app.app_context():
        world.strangers = {"learner": cast.zhao, "hr": cast.sun, "officer": cast.other_county}
        with unit_of_work():
            _add_base(world)
            world.objects |= {"county_code": "140105", "wang": cast.wang, "kangning": cast.kangning}
            _add_records(world, cast)
            _add_post(world, cast)
            _add_exams(world, cast)
        _add_courses(world, cast)
        _add_central(world, cast)
        with unit_of_work():
            _add_rulebook(world, cast)
            _add_claim(world, cast)
            _add_appeal(world, cast)
            _add_view(world, cast)
        certificate = issue_now(skill_request(cast.wang, cast.base))
        world.objects |= {"certificate": certificate.code, "issuer": cast.base}
        _add_issuing(world, cast)
        with unit_of_work():
            _add_life(world, cast, certificate)
        zhou = actor_of(cast.zhou, clock.now())
        assert zhou is not None
        world.objects["design"] = drafted(cast.base, "course", zhou)
    return world


def _add_view(world: World, cast: Cast) -> None:
    """A list that HR saved for her home."""
    li = actor_of(cast.li, clock.now())
    assert li is not None
    draft = saved_views.Draft("flags", "state=all", "全部人员", shared=True)
    world.objects["view"] = saved_views.save(draft, li, clock.now()).id


def _add_life(world: World, cast: Cast, certificate: Issued) -> None:
    """A shared link, and a proposal to revoke."""
    now = clock.now()
    wang, county = actor_of(cast.wang, now), actor_of(cast.county, now)
    assert wang is not None
    assert county is not None
    share = make(certificate.certificate_id, 7, (True, True), wang, now)
    chosen = Chosen(numbers=(certificate.number,))
    many = revoking.propose(chosen, "成绩造假，查实", county, now)
    world.objects |= {"share": share.id, "share_token": token_of(share), "many": many.ref}


def _add_base(world: World) -> None:
    """A base and evaluator in 平遥县 with a teacher and an examiner, and an event of theirs."""
    base = add_organisation(credit_code(4), "平遥培训基地", "base", "140728", THEN)
    file_evaluator(base, "晋养评备2026002", "S", "000124", (date(2026, 1, 1), date(2028, 12, 31)))
    for key, name, serial, roles in (
        ("teacher", "田老师", 91, (Role.AUTHOR, Role.TEACHER)),
        ("examiner", "徐考官", 92, (Role.EXAMINER, Role.MARKER, Role.INVIGILATOR)),
    ):
        new = NewPerson(name, citizen_id(serial), f"1380000{serial:04d}")
        person = register_person(new, SYSTEM, THEN)
        session().get_one(Account, person.account.id if person.account else 0).status = "active"
        world.strangers[key] = person.id
        for role in roles:
            grant_role(person.id, role, SYSTEM, THEN, date(2026, 1, 1), organisation_id=base.id)
    now = clock.now()
    event = ExamEvent(
        title="平遥考核", rung=2, part="theory", organisation_id=base.id, opens_at=now,
        closes_at=now + timedelta(days=1), minutes=60, attempts=1, release="at_once",
        feedback="explained", grace_seconds=0, created_at=now,
        created_by=world.strangers["examiner"],
    )  # fmt: skip
    session().add(event)
    session().flush()
    world.objects["strange_event"] = event.id


def _add_post(world: World, cast: Cast) -> None:
    """A webhook of 康宁, a delivery to 王桂兰, her address and the links in her letters."""
    now, li = clock.now(), actor_of(cast.li, clock.now())
    assert li is not None
    place = Place(cast.kangning, "140105")
    draft = endpoints.Draft("webhook", "康宁人事系统", place, "https://hr.example.cn/hook")
    hook, _secret = endpoints.register(draft, "hr.example.cn", li, now)
    to_person(cast.wang, Message("world:post", "post.test", {}, "/"), place, None)
    session().add(
        PostAddress(person_id=cast.wang, sealed=b"", hash="w" * 64, masked="", set_at=now)
    )
    session().flush()
    world.objects |= {
        "endpoint": hook.id,
        "delivery": _id(PostDelivery.id, PostDelivery.person_id == cast.wang),
        "mail_token": verify_tokens().dumps([cast.wang, "w" * 64]),
        "stop_token": stop_tokens().dumps(cast.wang),
    }


def _add_records(world: World, cast: Cast) -> None:
    now = clock.now()
    hr = actor_of(cast.li, now)
    assert hr is not None
    plan = tasks.start(PLAN, {}, hr)
    applied = tasks.start(APPLY, {}, hr)
    applied.state, applied.result = "done", {"registered": [cast.wang]}
    tell(cast.wang, "exams.entered", "world:notice", title="考试")
    out = io.BytesIO()
    Image.new("RGB", (400, 560), "#888").save(out, "JPEG")
    keep_photo(cast.wang, portrait(out.getvalue()), SYSTEM, now)
    asked = ExemptionRequest(
        cast.wang, cast.kangning, clock.today().year, "elsewhere", "外地已参加", None, None
    )
    exemption = propose_exemption(asked, hr, now)
    session().flush()
    world.objects |= {
        "plan": plan.ref,
        "applied": applied.ref,
        "notice": _id(Notice.id, Notice.person_id == cast.wang),
        "spell": _id(EmploymentSpell.id, EmploymentSpell.person_id == cast.wang),
        "grant": _id(RoleGrant.id, RoleGrant.person_id == cast.li),
        "device": _id(
            SignIn.id, SignIn.account_id == Account.id, Account.person_id == cast.wang
        ),
        "exemption": exemption.id,
    }  # fmt: skip


def _add_exams(world: World, cast: Cast) -> None:
    now = clock.now()
    bank = fill_bank(cast, now, papers=1)
    event = theory_event(cast, bank, now, title=SECRETS[2])
    entry = enter_person(event, cast.wang, cast, now)
    attempt = start(entry.id, learner(cast.wang), now)
    hall = ExamSite(organisation_id=cast.base, name="实训基地", address="太原市", directions="")
    session().add(hall)
    session().flush()
    exam_room = ExamRoom(event_id=event.id, site_id=hall.id, name="203", seats=30)
    session().add(exam_room)
    session().flush()
    practical = skills_event(cast, now)
    scored = enter_person(practical, cast.wang, cast, now)
    result = record_skills(scored, checklist(practical.blueprint), examiner(cast), now, PANEL)
    release_all(practical, examiner(cast), now)
    upload = uploads.Upload(
        cast.zhou, bank.id, "题目.yaml", "auto", 2, "", b"questions: []"
    )  # fmt: skip
    planned = tasks.start(
        IMPORT_PLAN, {"upload": uploads.keep(upload, now), "bank_id": bank.id, "filename": "x"},
        examiner(cast),
    )  # fmt: skip
    world.objects |= {
        "bank": bank.code,
        "question": _id(Question.id, Question.bank_id == bank.id),
        "import": planned.ref,
        "asked_picture": shelf.keep(bank, picture(), SYSTEM, now).digest,
        "event": event.id,
        "blueprint": own_blueprint(cast, now).id,
        "picked": picked_event(cast, bank, now).id,
        "entry": entry.id,
        "exam_room": exam_room.id,
        "attempt": attempt.id,
        "pinned": slots_of(attempt.paper_id or 0)[0].version_id,
        "practical": practical.id,
        "scored": scored.id,
        "result": result.id,
        "review": ask(result.id, "请核对", learner(cast.wang), now).id,
        "analysis": tasks.start(ANALYSIS, {"event_id": event.id}, examiner(cast)).ref,
        **in_hand(event, attempt, cast),
        **at_station(practical, scored, cast),
    }


def _add_courses(world: World, cast: Cast) -> None:
    author = actor_of(cast.chen, clock.now())
    assert author is not None
    files = course_files("draft")
    files["course.yaml"] = files["course.yaml"].replace("试验课".encode(), SECRETS[4].encode())
    plan = read_files(files, clock.now()).plan
    assert plan is not None
    with unit_of_work():
        draft = save_draft(plan, cast.base, author, clock.now())
    published(course_files("open"))
    world.objects |= {
        "draft": draft.version_id,
        "picture": "a.svg",
        "course": "open",
        "lesson": "one",
    }


def _add_central(world: World, cast: Cast) -> None:
    now = clock.now()
    start_at = max(NINE, now) + timedelta(days=1)
    row = open_session(cast, now=now, start=start_at, length=timedelta(hours=2), title=SECRETS[3])
    book(row, [cast.wang], cast, now)
    world.objects |= {"session": row.id, "ref": row.ref}
    assert session().scalar(select(AttendanceFact.id)) is None


def _add_appeal(world: World, cast: Cast) -> None:
    now = clock.now()
    year = clock.local_date(now).year - 1  # over, so that she missed it
    world.objects["appeal"] = appeal(year, "我参加过培训", actor_of(cast.wang, now), now).id


def _add_claim(world: World, cast: Cast) -> None:
    now = clock.now()
    draft = ClaimDraft(
        "training", "外出培训", "某学院", clock.local_date(now), 4, "证书编号 1", picture()
    )
    world.objects["claim"] = claim(cast.wang, draft, actor_of(cast.wang, now), now).id


def _add_rulebook(world: World, cast: Cast) -> None:
    now = clock.now()
    value = dict(rule_versions("credits.conversion")[-1].value) | {"tenths_per_credit": 180}
    start = clock.local_date(now) + timedelta(days=30)
    made = propose(
        Draft("credits.conversion", value, start, "试验", "试验"), actor_of(cast.province, now), now
    )
    world.objects |= {"rule": "credits.conversion", "proposal": made.id}


def _add_issuing(world: World, cast: Cast) -> None:
    """A pool, a batch, and 王桂兰 on a public list with an objection somebody looked into."""
    now, actor = clock.now(), examiner(cast)
    request = skill_request(cast.wang, cast.base, rung=3)
    with unit_of_work():
        publicity(5)
        public = award(request, Group("world", "小店区公示"), SYSTEM, now)
        assert isinstance(public, Pending)
        objection = object_to(public.entry_id, "工作年限不足，请核实。", "", now)
        finding = find(objection.id, "dismissed", "年限属实，已核对合同。", actor, now)
        publicity(0)
    content = sheet_of(["姓名", "证件号码", "等级"], ["王桂兰", citizen_id(1), "高级工"])
    with unit_of_work():
        brought = keep_checklists(cast.base, "a.yaml", [], actor, now)
    world.objects |= {
        "pool": pool(cast, "S000014000123265900001 ~ S000014000123265900009"),
        "batch": kept(cast, content).ref,
        "checklists": brought.ref,
        "issued_batch": _issued_batch(cast),
        "public": public.ref,
        "public_entry": public.entry_id,
        "objection": objection.id,
        "finding": finding.id,
    }


def _issued_batch(cast: Cast) -> str:
    content = sheet_of(["姓名", "证件号码", "名称"], ["李敏", citizen_id(3), "护理班"])
    batch = kept(cast, content)
    run_all(batch, cast)
    return batch.ref


def _id(column: Any, *where: Any) -> Any:
    return session().scalars(select(column).where(*where).limit(1)).one()
