"""QTI as other programs write it: understood where we have a kind, reported by item elsewhere."""

import io
import zipfile

import pytest
from defusedxml.ElementTree import fromstring

from exams.bank.formats import qti
from exams.bank.formats.detect import detect, read_file
from exams.bank.formats.excel_writing import examples
from exams.bank.formats.items import BadFile, Defaults, File, Written
from exams.bank.formats.qti_tree import plain_name
from exams.bank.rules import faults, tidy
from tests.exams.bank import qti_samples as samples
from tests.factories.media import picture

DEFAULTS = Defaults(module="基础知识")


@pytest.fixture(autouse=True)
def _context(app):
    """Texts need an application."""


def only(text: str):
    found = read_file(text.encode(), "q.xml", "auto", DEFAULTS)
    assert (found.format, found.faults, found.unsupported) == ("qti", [], [])
    (item,) = found.items
    assert faults(item.draft) == []
    return item.draft


def test_a_choice_keeps_its_prompt_and_all_feedback():
    draft = only(samples.CHOICE)
    assert (draft.kind, draft.key) == ("single", {"right": [1]})
    assert draft.stem == "看图，先做什么？\n老人噎住了。"
    assert draft.body["options"] == ["拍照", "海姆立克 急救"]
    assert draft.explanation == "A：来不及了。\n尽快解除梗阻。"


def test_the_right_answers_may_stand_in_a_mapping():
    draft = only(samples.MULTIPLE)
    assert (draft.kind, draft.key, draft.stem) == ("multiple", {"right": [0, 1]}, "翻身注意什么？")


def test_two_verdicts_are_a_true_false_question():
    draft = only(samples.TRUE_FALSE)
    assert (draft.kind, draft.key) == ("judge", {"right": False})


def test_text_entries_are_blanks_and_a_number_has_its_tolerance():
    draft = only(samples.ENTRY)
    assert draft.stem == "压疮好发于____和____。"
    assert draft.key == {"blanks": [["骶尾部", "尾骶部"], ["足跟"]], "exact": False}
    number = only(samples.NUMBER)
    assert (number.kind, number.key) == ("numeric", {"right": "1500", "within": "300"})


def test_one_inline_choice_is_a_single_choice_and_several_are_a_case():
    draft = only(samples.INLINE)
    assert (draft.kind, draft.stem) == ("single", "洗脸水温宜____左右。")
    case = only(samples.INLINE_TWO)
    assert case.stem == "先（1）____后（2）____。"
    assert [part["kind"] for part in case.body["parts"]] == ["single", "single"]
    assert case.key["parts"] == [{"right": [0]}, {"right": [1]}]


def test_extended_text_match_and_order():
    essay = only(samples.ESSAY)
    assert (essay.kind, essay.body, essay.key["reference"]) == (
        "essay", {"longest": 600}, "慢、短、不争辩。",
    )  # fmt: skip
    pairs = only(samples.MATCH)
    right = [pairs.body["right"][place] for place in pairs.key["pairs"]]
    assert (pairs.stem, right, len(pairs.body["right"])) == ("连起来。", ["进食", "换床单"], 3)
    order = only(samples.ORDER)
    assert [order.body["items"][place] for place in order.key["sequence"]] == ["先", "后"]


def test_several_interactions_are_a_case():
    case = only(samples.MIXED)
    assert case.stem == "张奶奶，78 岁。"
    parts = [(part["kind"], part["stem"]) for part in case.body["parts"]]
    assert parts == [("single", "多久翻身？"), ("judge", "左侧偏瘫先穿左侧。")]


def test_version_three_is_read_like_version_two():
    assert only(samples.V3).key == {"right": [1]}


@pytest.mark.parametrize("named", samples.FOREIGN)
def test_what_nobody_here_can_answer_is_reported_by_item(named):
    data = samples.package({"items/x.xml": samples.FOREIGN[named], "ok.xml": samples.CHOICE})
    found = read_file(data, "q.zip", "auto", DEFAULTS)
    assert len(found.items) == 1
    (report,) = found.unsupported
    assert report.where == "items/x.xml"
    assert named in report.reason


def test_a_picture_in_a_package_comes_along():
    shown = samples.CHOICE.replace("看图，", '<img src="../media/a%20b.png" alt="一位老人"/>看图，')
    data = samples.package({"items/q.xml": shown}, **{"media__a b_dot_png": picture("PNG")})
    found = read_file(data, "q.zip", "auto", DEFAULTS)
    (item,) = found.items
    (medium,) = item.draft.body["media"]
    assert (medium["kind"], medium["alt"]) == ("picture", "一位老人")
    assert found.files[medium["digest"]] == picture("PNG")


@pytest.mark.parametrize(
    "source", ["../../etc/passwd", "http://elsewhere/a.png", "/a.png", "missing.png"]
)
def test_a_picture_from_elsewhere_is_reported_not_fetched(source):
    shown = samples.CHOICE.replace("看图，", f'<img src="{source}" alt="图"/>')
    found = read_file(samples.package({"items/q.xml": shown}), "q.zip", "auto", DEFAULTS)
    assert [report.where for report in found.unsupported] == ["items/q.xml"]


def test_an_item_the_manifest_names_must_be_there():
    manifest = (
        '<manifest identifier="m"><resources><resource identifier="gone" '
        'type="imsqti_item_xmlv3p0" href="gone.xml"/></resources></manifest>'
    )
    found = read_file(samples.package({}, manifest), "q.zip", "auto", DEFAULTS)
    assert [fault.where for fault in found.faults] == ["gone"]


def test_a_package_without_manifest_is_read_by_its_items():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.xml", samples.CHOICE)
    found = read_file(out.getvalue(), "q.zip", "auto", DEFAULTS)
    assert len(found.items) == 1
    assert found.notes


def test_the_older_qti_is_named():
    with pytest.raises(BadFile, match="1"):
        read_file(b"<questestinterop/>", "q.xml", "auto", DEFAULTS)
    assert detect(b"PK imsmanifest.xml", "q") == "qti"


def test_an_exported_package_is_whole():
    content = picture("PNG")
    media = [{"digest": "d", "kind": "picture", "alt": "床"}]
    sound = [Written(q.code, tidy(q.draft)) for q in examples()]
    sound[0].draft.body["media"] = media
    data = qti.write(sound, {"d": File("bed.png", "image/png", content)})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        manifest = fromstring(archive.read("imsmanifest.xml"))
        listed = {e.get("href") for e in manifest.iter() if plain_name(e.tag) == "file"}
        assert listed | {"imsmanifest.xml"} == names
        assert "media/bed.png" in names
        seen = set()
        for name in sorted(n for n in names if n.startswith("items/")):
            root = fromstring(archive.read(name))
            assert root.tag == "{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}qti-assessment-item"
            _check_order([plain_name(child.tag) for child in root])
            seen.add(root.get("identifier"))
            declared = {e.get("identifier") for e in root if "response-declaration" in e.tag}
            asked = {e.get("response-identifier") for e in root.iter()} - {None}
            assert asked == declared
            for interaction in root.iter():
                ids = [e.get("identifier") for e in interaction if "choice" in e.tag]
                assert len(set(ids)) == len(ids)
        assert len(seen) == len(sound)


def _check_order(names: list[str]) -> None:
    order = ["responseDeclaration", "outcomeDeclaration", "itemBody", "responseProcessing",
             "modalFeedback"]  # fmt: skip
    assert [order.index(name) for name in names] == sorted(order.index(name) for name in names)
