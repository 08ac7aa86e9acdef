"""A certificate that ends leads to the course or the session that renews it."""

from __future__ import annotations

import time_machine

from tests.factories.central import NINE, open_session
from tests.factories.certificates import NOW, course_request, issue_now
from tests.factories.courses import published


def test_a_course_leads_to_itself_and_central_training_to_the_next_open_session(
    site, sign_in, cast
):
    with site.app.app_context():
        card = published()
        course = issue_now(
            course_request(cast.wang, cast.base, facts={"subject": card.title, "tenths": 80})
        )
        central = issue_now(course_request(cast.wang, cast.base, kind="central"))
        open_session(cast, title="2026 集中培训")
    with time_machine.travel(NOW, tick=False):
        browser = sign_in(cast.wang)
        assert f'href="/learn/{card.code}"' in browser.get(f"/certificates/{course.code}").text
        page = browser.get(f"/certificates/{central.code}").text
        assert "2026 集中培训" in page
        assert 'href="/learn/central"' in page
    with time_machine.travel(NINE.replace(day=28), tick=False):
        page = sign_in(cast.wang).get(f"/certificates/{central.code}").text
        assert "去续证" not in page  # no session is open any more
