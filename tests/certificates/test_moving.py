"""Certificates follow the person, whoever employs her and wherever."""

from __future__ import annotations

from datetime import date

from certificates.api import certificates_of, rung_held
from lms.core.access import SYSTEM
from lms.core.uow import unit_of_work
from lms.people.api import employ
from tests.factories.certificates import NOW, course_request, issue_now, skill_request


def test_after_a_move_to_another_county_wallet_and_register_say_the_same(site, sign_in, cast):
    with site.app.app_context():
        codes = {
            issue_now(skill_request(cast.wang, cast.base)).code,
            issue_now(course_request(cast.wang, cast.base)).code,
        }
        with unit_of_work():
            employ(cast.wang, cast.gucheng, "caregiver", date(2026, 11, 23), SYSTEM, NOW)
        assert {card.code for card in certificates_of(cast.wang)} == codes
        assert rung_held(cast.wang, date(2026, 11, 24)) == 2
    wallet, register = sign_in(cast.wang), sign_in(cast.county)
    for code in codes:
        assert f"/certificates/{code}" in wallet.get("/certificates").text
        assert wallet.get(f"/certificates/{code}/paper.pdf").data.startswith(b"%PDF")
        assert f"/register/{code}" in register.get("/register?q=王桂兰").text
    # Those who answer for the issuer keep the register; a new employer's county does not gain it.
    assert sign_in(cast.other_county).get(f"/register/{code}").status_code == 404
