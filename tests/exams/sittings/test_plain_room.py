"""The room without script: every kind is an ordinary form, shown again as it was sent."""

import pytest

from exams.sittings.queries import folded
from tests.factories.sittings import PLACES, begin_sittings
from tests.forms import post

FORMS = {
    1: ({"picked": "2"}, {"picked": [2]}),
    2: ({"picked": ["3", "0"]}, {"picked": [0, 3]}),
    3: ({"value": "false"}, {"value": False}),
    4: ({"number": "550.5", "flag": "1"}, {"number": "550.5", "flag": True}),
    5: ({"blank": ["骨隆突", ""]}, {"blanks": ["骨隆突", ""]}),
    6: ({"pair": ["1", "", "0"]}, {"pairs": [1, None, 0]}),
    7: ({"place": ["2", "4", "1", "3"]}, {"sequence": [2, 0, 3, 1]}),
    8: ({"text": "先问。\r\n再报告。"}, {"text": "先问。\n再报告。"}),
    9: ({"text": "举例说明"}, {"text": "举例说明"}),
    10: ({"picked": "0"}, {"picked": [0]}),
    11: ({"text": "体温"}, {"text": "体温"}),
}


@pytest.fixture
def plain(site, cast, sign_in):
    attempt = begin_sittings(site.app, cast, with_media=True)[0]
    client = sign_in(cast.wang)
    base = f"/exams/room/{attempt}"
    return client, base, lambda n, fields: post(client, f"{base}/q/{n}", fields, page="/exams")


def held(site, base):
    with site.app.app_context():
        return folded(int(base.rsplit("/", 1)[1]))


def test_every_kind_is_answered_and_shown_again_as_it_was(plain, site):
    client, base, save = plain
    for position, (fields, _answer) in FORMS.items():
        assert save(position, fields).status_code == 303
    assert held(site, base) == {position: answer for position, (_f, answer) in FORMS.items()}
    pages = {n: client.get(f"{base}/q/{n}").text for n in range(1, PLACES + 1)}
    assert 'value="550.5"' in pages[4]
    assert 'value="骨隆突"' in pages[5]
    assert pages[6].count(" selected") == 2
    assert pages[7].count(" selected") == 4
    assert "先问。\n再报告。" in pages[8]
    assert "张奶奶" in pages[10]
    assert "/exams/media/" in pages[1]
    assert "<audio" in pages[3]


@pytest.mark.parametrize(
    "numbers", [["1", "1", "2", "3"], ["1", "2", "3", ""], ["1", "2", "3", "9"]]
)
def test_an_order_that_is_none_is_said_and_keeps_the_older_answer(plain, site, numbers):
    client, base, save = plain
    save(7, FORMS[7][0])
    answer = save(7, {"place": numbers})
    assert answer.location.endswith(f"{base}/q/7")
    assert "号数" in client.get(f"{base}/q/7").text
    assert held(site, base)[7] == FORMS[7][1]


def test_an_order_is_taken_back_by_leaving_all_numbers_out(plain, site):
    _client, base, save = plain
    save(7, FORMS[7][0])
    save(7, {"place": ["", "", "", ""]})
    assert held(site, base)[7] == {"sequence": []}


def test_a_form_that_is_not_ours_is_refused(plain, site):
    _client, base, save = plain
    assert save(6, {"pair": ["x", "", ""]}).status_code == 422
    assert held(site, base) == {}
