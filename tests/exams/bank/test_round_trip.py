"""What is exported and imported again is the same question, whatever people typed into it."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exams.bank import rules
from exams.bank.formats import excel, gift, moodle, yaml_text
from exams.bank.formats.items import Defaults, Written
from exams.bank.models import Difficulty, Kind

TYPED = st.text(
    st.one_of(
        st.sampled_from("甲乙丙。，“”℃%{}=~#:\\[]<>&\"'|/A.B) \n\t$*-+@!?0"),
        st.characters(exclude_categories=()),
    ),
    min_size=1,
    max_size=40,
)
LINE = TYPED.map(lambda text: " ".join(text.split()))
CODES = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)


@st.composite
def drafts(draw) -> rules.Draft:
    kind = draw(st.sampled_from([Kind.SINGLE, Kind.MULTIPLE, Kind.JUDGE]))
    body, key = {}, {"right": draw(st.booleans())}
    if kind != Kind.JUDGE:
        options = draw(st.lists(TYPED, min_size=2, max_size=10))
        places = st.integers(0, len(options) - 1)
        most = 1 if kind == Kind.SINGLE else len(options)
        key = {"right": sorted(draw(st.sets(places, min_size=1, max_size=most)))}
        body = {"options": options}
    return rules.tidy(
        rules.Draft(
            kind, draw(TYPED), body, key, draw(LINE)[:30], draw(st.sampled_from(list(Difficulty))),
            draw(st.integers(1, 8)), draw(st.one_of(st.just(""), TYPED)), draw(LINE),
            draw(LINE), draw(st.one_of(st.just(""), TYPED)),
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
}


@pytest.mark.parametrize("name", TRIPS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(questions=st.lists(st.tuples(CODES, drafts()), min_size=1, max_size=3))
def test_a_question_survives_the_trip_unchanged(app, name, questions):
    sound = [Written(code, draft) for code, draft in questions if not rules.faults(draft)]
    if not sound:
        return
    assert TRIPS[name](sound) == [(question.code, question.draft) for question in sound]
