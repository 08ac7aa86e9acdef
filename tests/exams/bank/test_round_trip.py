"""What is exported and imported again is the same question, whatever people typed into it."""

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exams.bank import rules
from exams.bank.formats import excel, gift, moodle, qti, yaml_text
from exams.bank.formats.excel_writing import examples
from exams.bank.formats.items import Defaults, Written
from exams.bank.kinds import SIMPLE, Simple
from exams.bank.models import Difficulty, Kind

TYPED = st.text(
    st.one_of(
        st.sampled_from("甲乙丙。，“”℃%{}=~#:\\[]<>&\"'|/A.B) \n\t$*-+@!?0_；;→|（2分）"),
        st.characters(exclude_categories=()),
    ),
    min_size=1,
    max_size=40,
)
LINE = TYPED.map(lambda text: " ".join(text.split()))
CODES = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
NUMBERS = st.decimals(-9999, 9999, places=3).map(str)
KINDS = [str(kind) for kind in Kind]


def lists(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(TYPED, min_size=least, max_size=most)


@st.composite
def simples(draw: st.DrawFn, kind: str) -> Simple:
    """A question of a kind, perhaps unsound."""
    stem = draw(TYPED)
    body: dict[str, Any] = {}
    key: dict[str, Any] = {}
    match kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            body["options"] = draw(lists(2, 10))
            places = st.integers(0, len(body["options"]) - 1)
            most = 1 if kind == Kind.SINGLE else len(body["options"])
            key["right"] = sorted(draw(st.sets(places, min_size=1, max_size=most)))
        case Kind.JUDGE:
            key["right"] = draw(st.booleans())
        case Kind.NUMERIC:
            body |= draw(st.sampled_from([{}, {"unit": "毫升"}, {"unit": "次/分"}]))
            key |= {"right": draw(NUMBERS), "within": draw(NUMBERS).lstrip("-")}
        case Kind.FILL:
            key["blanks"] = draw(st.lists(lists(1, 4), min_size=1, max_size=4))
            key["exact"] = draw(st.booleans())
            stem = "".join(f"{draw(LINE)}.____" for _blank in key["blanks"]) + draw(LINE)
        case Kind.MATCHING:
            body |= {"left": draw(lists(2, 6)), "right": draw(lists(2, 8))}
            place = st.integers(0, len(body["right"]) - 1)
            key["pairs"] = [draw(place) for _left in body["left"]]
        case Kind.ORDERING:
            body["items"] = draw(lists(2, 8))
            key["sequence"] = list(draw(st.permutations(range(len(body["items"])))))
        case _:
            body["longest"] = draw(st.integers(1, 5000))
            rows = st.fixed_dictionaries({"text": TYPED, "share": st.integers(1, 100)})
            key |= {"reference": draw(TYPED), "rubric": draw(st.lists(rows, max_size=3))}
    return Simple(kind, stem, body, key)


@st.composite
def drafts(draw: st.DrawFn, kind: str) -> rules.Draft:
    """A tidied question of a kind."""
    if kind == Kind.CASE:
        parts = draw(st.lists(st.sampled_from(SIMPLE).flatmap(simples), min_size=1, max_size=3))
        share = st.integers(1, 9)
        rows = [
            {"kind": str(p.kind), "stem": p.stem, "body": p.body, "share": draw(share)}
            for p in parts
        ]
        simple = Simple(kind, draw(TYPED), {"parts": rows}, {"parts": [p.key for p in parts]})
        for row, part in zip(rows, parts, strict=True):
            if part.kind == Kind.FILL:
                row["body"]["blanks"] = len(part.key["blanks"])
    else:
        simple = draw(simples(kind))
    return rules.tidy(
        rules.Draft(
            kind, simple.stem, simple.body, simple.key, draw(LINE)[:30],
            draw(st.sampled_from(list(Difficulty))), draw(st.integers(1, 8)),
            draw(st.one_of(st.just(""), TYPED)), draw(LINE), draw(LINE),
            draw(st.one_of(st.just(""), TYPED)),
            draw(st.sampled_from(["caregiver", "director", "家政服务员"])),
        )
    )  # fmt: skip


def through_excel(questions: list[Written]) -> list[tuple[str, rules.Draft]]:
    out = io.BytesIO()
    excel.write(out, questions)
    return read_back(excel.read(out.getvalue(), "questions.xlsx", Defaults()))


def read_back(reading) -> list[tuple[str, rules.Draft]]:
    assert not reading.faults
    assert not reading.unsupported
    return [(item.code, item.draft) for item in reading.items]


TRIPS = {
    "xlsx": through_excel,
    "yaml": lambda questions: read_back(yaml_text.read(yaml_text.write(questions))),
    "gift": lambda questions: read_back(gift.read(gift.write(questions), Defaults())),
    "moodle": lambda questions: read_back(moodle.read(moodle.write(questions), Defaults())),
    "qti": lambda questions: read_back(qti.read(qti.write(questions), Defaults())),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TRIPS)
def test_a_question_survives_the_trip_unchanged(app, name, kind):
    met = []

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(questions=st.lists(st.tuples(CODES, drafts(kind)), min_size=1, max_size=3))
    def trip(questions):
        sound = [Written(code, draft) for code, draft in questions if not rules.faults(draft)]
        met.extend(sound)
        assert TRIPS[name](sound) == [(q.code, q.draft) for q in sound] if sound else True

    trip()
    assert met


@pytest.mark.parametrize("name", TRIPS)
def test_the_examples_of_the_template_survive_every_trip(app, name):
    sound = [Written(q.code, rules.tidy(q.draft)) for q in examples()]
    assert [q.draft.kind for q in sound if rules.faults(q.draft)] == []
    assert {str(q.draft.kind) for q in sound} == set(KINDS)
    assert TRIPS[name](sound) == [(q.code, q.draft) for q in sound]
