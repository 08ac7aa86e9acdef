"""An evaluator's own checklists: read with row and column, all or nothing, approved by two."""

import io

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from exams.marking.checklists.models import ChecklistUpload
from exams.marking.checklists.operations import decide, keep, look
from exams.marking.checklists.raw import HEADINGS
from exams.marking.checklists.withdrawing import propose, settle
from exams.marking.errors import SamePerson
from exams.marking.stations.library import (
    STARTER,
    load_starter_checklists,
    proposed,
    templates_for,
)
from exams.marking.stations.models import Station, StationTemplate
from exams.marking.stations.setting import set_stations
from lms.core import clock
from lms.core.access import SYSTEM, Role
from lms.core.db import session
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.uow import unit_of_work
from tests.factories.exams import examiner, skills_event
from tests.factories.marking import staff
from tests.forms import post

HEAD = ["own-feeding", "协助进食", "技能", "初级工", "生活照护", 20, 15, "扣分"]
FIRST = [*HEAD, "没有评估吞咽能力", 3, 1, None, "本机构操作规程"]
MORE = [None] * 8 + ["喂食过快", 1.5, 4, None, None]
VETO = [None] * 11 + ["噎食没有处理", None]
AS_STORED = {
    "code": "own-feeding", "title": "协助进食", "part": "skills", "rung": 2, "module": "生活照护",
    "tenths": 200, "minutes": 15, "way": "deduct", "vetoes": ["噎食没有处理"],
    "items": [{"text": "没有评估吞咽能力", "step": 30, "most": 1},
              {"text": "喂食过快", "step": 15, "most": 4}],
    "source": "本机构操作规程",
}  # fmt: skip
YAML = """
- code: own-feeding
  title: 协助进食
  rung: 2
  module: 生活照护
  tenths: 200
  minutes: 15
  way: deduct
  items:
  - {text: 没有评估吞咽能力, step: 30}
  - {text: 喂食过快, step: 15, most: 4}
  vetoes: [噎食没有处理]
  source: 本机构操作规程
"""


def book(*rows):
    made, out = Workbook(), io.BytesIO()
    for line in (list(HEADINGS.values()), *rows):
        made.active.append(line)
    made.save(out)
    return out.getvalue()


def faults_of(data, name="a.xlsx"):
    lists, faults = look(data, name, clock.now())
    assert (lists == []) == bool(faults)
    return {(fault.row, fault.column) for fault in faults}


def changed(**cells):
    line = list(FIRST)
    for name, value in cells.items():
        line[list(HEADINGS).index(name)] = value
    return line


def test_a_sheet_and_a_yaml_file_say_the_same(app, cast):
    assert look(book(FIRST, MORE, VETO), "a.xlsx", clock.now()) == ([AS_STORED], [])
    assert look(YAML.encode(), "a.yaml", clock.now()) == ([AS_STORED], [])


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"code": "我的"}, "评分表编号"), ({"title": "进"}, "名称"), ({"part": "理论"}, "考核"),
        ({"rung": "学徒工"}, "等级"), ({"module": "生活照顾"}, "模块"), ({"tenths": 20.3}, "满分"),
        ({"tenths": "nan"}, "满分"), ({"minutes": 0}, "时长"), ({"way": "打分"}, "方式"),
        ({"text": None}, "评分点"), ({"step": 0}, "分值"), ({"most": 1.5}, "次数"),
        ({"veto": "否"}, "一票否决"), ({"source": "我"}, "依据"),
        ({"step": 1}, "满分"),  # with everything wrong she would still pass
        ({"way": "得分"}, "满分"),  # the points do not come to the full mark
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_row_and_column(app, cast, cells, column):
    filler = changed(code="other", step=9)
    assert faults_of(book(filler, changed(step=9) | Cells(cells))) == {(3, column)}


class Cells(dict):
    """Lets a row be changed in place: ``row | Cells(name=…)``."""

    def __ror__(self, line):
        line = list(line)
        for name, value in self.items():
            line[list(HEADINGS).index(name)] = value
        return line


def test_faults_of_the_file_as_a_whole(app, cast):
    now = clock.now()
    for data, name, said in (
        (book(), "a.xlsx", "没有评分表"), (b"x", "a.xlsx", "xlsx"), (b"a: 1", "a.yml", "列表"),
        (b"- &a {code: x}", "a.yaml", "锚点"), (b"- [", "a.yaml", "YAML"),
        (b"[]", "a.yaml", "没有评分表"),
        (b" " * (2 * 1024 * 1024 + 1), "a.csv", "2 MB"), ("名称\n甲".encode(), "a.csv", "缺少列"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=said):
            look(data, name, now)
    again = changed(title="协助吃饭", text="喂食过烫")
    assert faults_of(book(FIRST, MORE, again)) == {(4, "名称")}
    assert faults_of(book(VETO)) == {(2, "评分表编号")}
    assert faults_of(book(FIRST, ["=1+1", *MORE[1:]])) == {(3, "评分表编号")}
    other = changed(code="other", step=9)
    assert faults_of(book(changed(step=9), other, changed(step=9))) == {(4, "评分表编号")}


def test_faults_of_yaml_stand_at_their_line(app, cast):
    wrong = YAML.replace("step: 15", "step: 12").replace("minutes", "minuten")
    assert faults_of(wrong.encode(), "a.yaml") == {(7, "minuten"), (2, "minutes"), (11, "step")}
    wrong = YAML.replace("[噎食没有处理]", "噎食").replace("title: 协助进食", "title: [a]")
    assert faults_of(wrong.encode(), "a.yaml") == {(3, "title"), (12, "vetoes")}
    assert faults_of(b"- x", "a.yaml") >= {(1, "")}


def test_the_starter_files_can_be_taken_as_a_pattern(app, cast):
    for path in sorted(STARTER.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if "&id" not in text:
            assert look(text.encode(), path.name, clock.now())[1] == [], path.name


def brought(cast, *rows):
    lists, faults = look(book(*rows), "a.xlsx", clock.now())
    assert faults == []
    with unit_of_work():
        return keep(cast.base, "a.xlsx", lists, examiner(cast), clock.now())


def test_nothing_is_offered_before_a_second_person_of_the_evaluator_agrees(app, cast):
    now = clock.now()
    with unit_of_work():
        load_starter_checklists(SYSTEM, now)
        second = staff(cast, 340, "考评乙", Role.EXAMINER)
        event = skills_event(cast, now)
    before = templates_for("skills", 2, cast.base)
    upload = brought(cast, FIRST, MORE, VETO)
    assert templates_for("skills", 2, cast.base) == before
    with pytest.raises(SamePerson), unit_of_work():
        decide(upload, True, "", examiner(cast), now)
    with unit_of_work():
        decide(upload, True, "", second, now)
    with pytest.raises(Conflict), unit_of_work():
        decide(upload, False, "", second, now)
    offered = templates_for("skills", 2, cast.base)
    (own,) = set(offered) - set(before)
    assert (own.title, own.version, own.tenths) == ("协助进食", 1, 200)
    assert templates_for("skills", 2, cast.gucheng) == templates_for("skills", 2) == before
    chosen = proposed(offered)  # her own stands in for what ships for its module
    assert {t.id for t in offered if t.module == "生活照护"} & chosen == {own.id}
    with unit_of_work():
        stations = set_stations(event, sorted(chosen), examiner(cast), now)
    assert own.id in {station.template_id for station in stations}


def test_brought_again_it_is_the_next_version_and_refused_it_is_nothing(app, cast):
    now = clock.now()
    with unit_of_work():
        second = staff(cast, 340, "考评乙", Role.EXAMINER)
    for more, approved in (([MORE], True), ([], False), ([MORE, VETO], True)):
        upload = brought(cast, changed(step=9), *more)
        with unit_of_work():
            decide(upload, approved, "", second, now)
    own = select(StationTemplate.version).where(StationTemplate.code.endswith("/own-feeding"))
    assert list(session().scalars(own)) == [1, 2]
    (offered,) = (t for t in templates_for("skills", 2, cast.base) if "/" in t.code)
    assert offered.body["vetoes"] == ["噎食没有处理"]


def test_an_approved_checklist_is_withdrawn_by_two_and_nothing_set_with_it_changes(app, cast):
    now = clock.now()
    with unit_of_work():
        load_starter_checklists(SYSTEM, now)
        second = staff(cast, 340, "考评乙", Role.EXAMINER)
        event = skills_event(cast, now)
    before = templates_for("skills", 2, cast.base)
    upload = brought(cast, FIRST, MORE, VETO)
    with pytest.raises(Conflict), unit_of_work():
        propose(upload, "还没批准", examiner(cast), now)
    with unit_of_work():
        decide(upload, True, "", second, now)
    (own,) = set(templates_for("skills", 2, cast.base)) - set(before)
    with unit_of_work():
        chosen = sorted(proposed(templates_for("skills", 2, cast.base)))
        stations = set_stations(event, chosen, examiner(cast), now)
    with unit_of_work():
        propose(upload, "扣分点写错了", second, now)
    with pytest.raises(Conflict), unit_of_work():
        propose(upload, "再来一次", second, now)
    with pytest.raises(SamePerson), unit_of_work():
        settle(upload, True, "", second, now)
    assert own in templates_for("skills", 2, cast.base)
    with unit_of_work():
        settle(upload, False, "没有错", examiner(cast), now)
    assert own in templates_for("skills", 2, cast.base)
    with unit_of_work():
        propose(upload, "确实写错了", second, now)
        settle(upload, True, "", examiner(cast), now)
    assert templates_for("skills", 2, cast.base) == before
    with pytest.raises(Conflict), unit_of_work():
        settle(upload, False, "", examiner(cast), now)
    kept = select(Station.template_id).where(Station.event_id == event.id)
    assert own.id in set(session().scalars(kept))
    assert own.id in {station.template_id for station in stations}
    assert session().get(StationTemplate, own.id) is own
    again = brought(cast, FIRST, MORE, VETO)  # mended or not, it takes a second person once more
    with unit_of_work():
        decide(again, True, "", second, now)
    (anew,) = set(templates_for("skills", 2, cast.base)) - set(before)
    assert (anew.version, anew.digest) == (2, own.digest)


def test_withdrawing_a_newer_version_offers_the_older_one_again(app, cast):
    now = clock.now()
    with unit_of_work():
        second = staff(cast, 340, "考评乙", Role.EXAMINER)
    for more in ([MORE], [MORE, VETO]):
        upload = brought(cast, changed(step=9), *more)
        with unit_of_work():
            decide(upload, True, "", second, now)
    with unit_of_work():
        propose(upload, "否决项不合规", second, now)
        settle(upload, True, "", examiner(cast), now)
    (offered,) = (t for t in templates_for("skills", 2, cast.base) if "/" in t.code)
    assert (offered.version, offered.body["vetoes"]) == (1, [])


def test_only_examiners_of_the_evaluator_bring_checklists(app, cast):
    lists, _faults = look(book(changed(step=9)), "a.xlsx", clock.now())
    with pytest.raises(NotFound), unit_of_work():
        keep(cast.gucheng, "a.xlsx", lists, examiner(cast), clock.now())


def uploads():
    return session().scalar(select(func.count()).select_from(ChecklistUpload))


def test_the_pages_show_faults_keep_and_let_another_person_approve(site, cast, sign_in):
    with site.app.app_context(), unit_of_work():
        second = staff(cast, 340, "考评乙", Role.EXAMINER).person_id
    client, other = sign_in(cast.zhou), sign_in(second)
    assert "自己的评分表" in client.get("/marking").text

    def send(*rows, place=cast.base):
        file = (io.BytesIO(book(*rows)), "C:\\a\\我的.xlsx")
        data = {"organisation": str(place), "file": file}
        return post(client, "/checklists", data, page="/checklists",
                    content_type="multipart/form-data")  # fmt: skip

    refused = send(FIRST, changed(code="other", minutes="x"))
    assert refused.status_code == 422
    assert "什么也没有保存" in refused.text
    assert "第 3 行" in refused.text
    assert send(FIRST, MORE, place=cast.gucheng).status_code == 404
    with site.app.app_context():
        assert uploads() == 0
    place = send(FIRST, MORE, VETO).location
    assert "批准使用" not in client.get(place).text  # not hers to approve
    page = other.get(place).text
    assert "噎食没有处理" in page
    assert "我的.xlsx" in other.get("/checklists").text
    assert (
        post(other, f"{place}/decide", {"go": "approve", "note": ""}, page=place).status_code == 303
    )
    assert "已批准" in client.get(place).text
    assert post(other, f"{place}/withdraw", {"reason": ""}, page=place).status_code == 422
    assert post(other, f"{place}/withdraw", {"reason": "写错了"}, page=place).status_code == 303
    assert "同意停用" not in other.get(place).text  # not hers to agree to
    assert "提出停用：写错了" in client.get(place).text
    answer = {"go": "approve", "note": ""}
    assert post(client, f"{place}/withdraw/decide", answer, page=place).status_code == 303
    page = other.get(place).text
    assert "已停用：写错了" in page
    assert "提出停用<" not in page
    template = client.get("/checklists/template.xlsx").data
    with site.app.app_context():
        assert look(template, "a.xlsx", clock.now())[1] == []
