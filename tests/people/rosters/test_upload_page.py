"""The upload page tells a clerk the code that her own rows need."""

from tests.cast import credit_code


def test_a_clerk_sees_her_own_homes_code_and_no_other(sign_in, cast):
    page = sign_in(cast.li).get("/roster").text
    assert credit_code(1) in page
    assert credit_code(2) not in page
