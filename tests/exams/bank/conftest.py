"""The base's bank, and browsers of its author and its examiner."""

import pytest

from tests.exams.bank.pages import SECRET
from tests.factories.bank import make_bank, make_question


@pytest.fixture
def bank(app, cast):
    """The base's bank: one question in use, one waiting, both written by the author."""
    made = make_bank(cast.base, "base-bank")
    make_question(made, cast.chen, code="K-1", stem="第一题？", explanation=SECRET)
    make_question(made, cast.chen, approved=False, code="K-2", stem="第二题？", explanation=SECRET)
    return made


@pytest.fixture
def author(cast, sign_in, bank):
    return sign_in(cast.chen)


@pytest.fixture
def examiner(cast, sign_in, bank):
    return sign_in(cast.zhou)
