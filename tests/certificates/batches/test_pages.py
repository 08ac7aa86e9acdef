"""The pages of batches, numbers and publicity, as a browser asks for them."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from certificates.api import Group, award
from certificates.batches.models import Batch, BatchLine
from certificates.models import Certificate
from certificates.publicity.models import PublicityEntry
from certificates.publicity.objecting import object_to
from lms.core import clock, tasks
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.notify import unread
from lms.core.uow import unit_of_work
from lms.jobs import all_runners
from lms.people.api import grant_role, person_cards
from lms.people.models import SignIn
from tests.cast import citizen_id
from tests.factories.certificates import skill_request
from tests.factories.issuing import pool, publicity, sheet_of
from tests.forms import post

WANG = ["王桂兰", citizen_id(1), "初级工"]
FACT = "此人工作年限不足，请核实劳动合同。"
HEADINGS = ["姓名", "证件号码", "等级"]
HEAD = "S000014000123265"


def upload(client, cast, *rows):
    return post(
        client, "/batches/new", page="/batches/new",
        data={"issuer": str(cast.base), "file": (io.BytesIO(sheet_of(HEADINGS, *rows)), "a.csv")},
        content_type="multipart/form-data",
    )  # fmt: skip


def test_a_sheet_is_planned_read_run_and_reported(site, cast, sign_in):
    client = sign_in(cast.zhou)
    answer = upload(client, cast, WANG, ["没有人", citizen_id(70), "初级工"])
    assert answer.status_code == 303
    where = answer.location
    plan = client.get(where).text
    assert "系统里没有这个证件号码的人" in plan
    assert "发证 1 本" in plan
    assert "正在发证" not in plan
    assert post(client, f"{where}/run").status_code == 303
    assert client.get(f"{where}/state").json == {"state": "waiting", "done": 0, "total": 0}
    with site.app.app_context():
        assert tasks.run_next(all_runners())
        number = session().scalars(select(Certificate.number)).one()
    done = client.get(where).text
    assert number in done
    report = client.get(f"{where}/report.csv").text
    assert [line.split(",")[0] for line in report.splitlines()[1:]] == ["2", "3"]
    assert number in report
    assert client.get(f"{where}/state").json["state"] == "done"


def test_a_batch_is_stopped_and_continued_by_its_buttons(site, cast, sign_in):
    client = sign_in(cast.zhou)
    where = upload(client, cast, WANG).location
    post(client, f"{where}/run")
    assert post(client, f"{where}/stop").status_code == 303
    with site.app.app_context():
        tasks.run_next(all_runners())
        assert session().scalars(select(Certificate)).all() == []
    assert "接着发" in client.get(where).text
    post(client, f"{where}/run")
    with site.app.app_context():
        tasks.run_next(all_runners())
        assert session().scalars(select(Batch)).one().state == "done"
        assert len(session().scalars(select(Certificate)).all()) == 1


def test_a_sheet_for_another_issuer_is_not_there(site, cast, sign_in):
    data = {"issuer": str(cast.gucheng), "file": (io.BytesIO(sheet_of(HEADINGS, WANG)), "a.csv")}
    answer = post(sign_in(cast.zhou), "/batches/new", data=data, content_type="multipart/form-data")
    assert answer.status_code == 404


def test_an_officer_reads_but_does_not_issue(site, cast, sign_in):
    where = upload(sign_in(cast.zhou), cast, WANG).location
    county = sign_in(cast.county)
    assert "发证 1 本" not in county.get(where).text
    assert post(county, f"{where}/run").status_code == 403
    assert sign_in(cast.other_county).get(where).status_code == 404


def test_a_pool_is_imported_from_the_form_and_its_faults_are_shown(site, cast, sign_in):
    client = sign_in(cast.zhou)
    form = {
        "issuer": str(cast.base),
        "kind": "skill",
        "rung": "2",
        "title": "省下发",
        "warn_at": "5",
    }
    wrong = post(client, "/pools/new", data=form | {"numbers": f"{HEAD}900009 ~ {HEAD}900001"})
    assert wrong.status_code == 422
    assert "截止编号小于起始编号" in wrong.text
    right = post(client, "/pools/new", data=form | {"numbers": f"{HEAD}900001 ~ {HEAD}900009"})
    assert right.status_code == 303
    page = client.get(right.location).text
    assert f"{HEAD}900001" in page
    voided = {"number": f"{HEAD}900001", "reason": "空白证书印坏"}
    assert post(client, f"{right.location}/void", data=voided).status_code == 303
    assert "空白证书印坏" in client.get(f"/pools/gaps/{cast.base}").text
    assert "空白证书印坏" in client.get(f"/pools/gaps/{cast.base}/report.csv").text
    assert post(client, f"{right.location}/close", data={"why": "号段收回"}).status_code == 303
    assert "已停用" in client.get("/pools").text


def test_a_plan_says_when_numbers_will_not_do(site, cast, sign_in):
    with site.app.app_context():
        pool(cast, f"{HEAD}900001")
    client = sign_in(cast.zhou)
    where = upload(client, cast, WANG, ["赵秀英", citizen_id(2), "初级工"]).location
    assert "需要 2 个，号段里还有 1 个" in client.get(where).text


def test_whoever_is_objected_to_reads_neither_objection_nor_who_made_it(site, cast, sign_in):
    """Examiners and officers have certificates too, and learn nothing of their critics."""
    with site.app.app_context():
        with unit_of_work():
            publicity(5)
        made = award(skill_request(cast.zhou, cast.base), Group("g", "公示"), SYSTEM, clock.now())
        with unit_of_work():
            object_to(made.entry_id, FACT, "13900000000", clock.now())
        session().commit()
        assert [n.kind for n in unread(cast.zhou)] == ["certificate.public"]
    zhou, county = sign_in(cast.zhou), sign_in(cast.county)
    assert FACT not in zhou.get("/objections").text
    assert zhou.get("/objections/1").status_code == 404
    finding = {"outcome": "dismissed", "note": "本人年限属实，没有问题。"}
    assert post(zhou, "/objections/1/find", data=finding).status_code == 404
    assert "周" in county.get("/objections").text
    assert "13900000000" in county.get("/objections/1").text


def test_nobody_awards_herself_by_a_sheet(site, cast, sign_in):
    """Neither who imported a hand-made list nor who runs it is among those who receive."""
    zhou = sign_in(cast.zhou)
    with site.app.app_context():
        name = person_cards([cast.zhou])[cast.zhou].name
    where = upload(zhou, cast, WANG, [name, citizen_id(6), "初级工"]).location
    assert "不能给自己发证" in zhou.get(where).text
    post(zhou, f"{where}/run")
    with site.app.app_context():
        tasks.run_next(all_runners())
        assert session().scalars(select(Certificate.person_id)).all() == [cast.wang]


def test_what_a_sheet_promises_to_whoever_runs_it_fails(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        day = clock.today()
        grant_role(cast.wang, Role.EXAMINER, SYSTEM, clock.now(), day, organisation_id=cast.base)
    where = upload(sign_in(cast.zhou), cast, WANG).location
    post(sign_in(cast.wang), f"{where}/run")
    with site.app.app_context():
        tasks.run_next(all_runners())
        assert session().scalars(select(Certificate.person_id)).all() == []
        assert session().scalars(select(BatchLine.outcome)).all() == ["failed"]


@pytest.mark.parametrize(
    "path", ["{batch}/run", "{pool}/close", "{pool}/void", "/pools/new", "/objections/1/decide/1"]
)
def test_what_cannot_be_undone_asks_for_the_second_factor_again(site, cast, sign_in, path):
    with site.app.app_context():
        number = pool(cast, f"{HEAD}900001")
    client = sign_in(cast.zhou)
    batch = upload(client, cast, WANG).location
    long_ago = clock.now() - timedelta(hours=2)
    with site.app.app_context(), unit_of_work():
        session().execute(update(SignIn).values(second_factor_at=long_ago))
    answer = post(client, path.format(batch=batch, pool=f"/pools/{number}"))
    assert answer.status_code == 303
    assert answer.location.startswith("/second-factor?")


def test_anybody_reads_a_list_and_objects_two_people_decide(site, cast, sign_in, visitor):
    with site.app.app_context(), unit_of_work():
        publicity(5)
    zhou = sign_in(cast.zhou)
    where = upload(zhou, cast, WANG).location
    post(zhou, f"{where}/run")
    with site.app.app_context():
        tasks.run_next(all_runners())
        entry = session().scalars(select(PublicityEntry)).one().id
    listed = visitor.get("/publicity").text
    link = re.search(r"/publicity/[0-9a-f]{24}", listed)[0]
    shown = visitor.get(link).text
    assert "王*兰" in shown
    assert "王桂兰" not in shown
    short = post(visitor, f"{link}/{entry}", data={"facts": "不行"})
    assert short.status_code == 422
    said = {"facts": "此人工作年限不足，请核实劳动合同。", "contact": "13900000000"}
    assert post(visitor, f"{link}/{entry}", data=said).status_code == 303
    assert "13900000000" in zhou.get("/objections/1").text
    finding = {"outcome": "upheld", "note": "合同核对后年限不足，拟不予发证。"}
    assert post(zhou, "/objections/1/find", data=finding).status_code == 303
    assert "等另一位同事复核" in zhou.get("/objections/1").text
    assert post(zhou, "/objections/1/decide/1").status_code == 409
    county = sign_in(cast.county)
    assert post(county, "/objections/1/decide/1").status_code == 303
    assert "王桂兰" in county.get("/objections?decided=1").text
    assert "王*兰" not in visitor.get(link).text
