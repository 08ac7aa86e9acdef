"""Certificates kept on the phone are shown without a signal, with the time they are of."""

import pytest

from tests.journeys.conftest import sign_in
from tests.journeys.test_offline_lesson import installed

pytestmark = pytest.mark.journey
PICTURES = "[...document.querySelectorAll('img[data-kept]')].map((one) => one.naturalWidth)"


def test_a_kept_wallet_works_without_a_signal_until_signed_out(phone, live):
    page = sign_in(phone, live, "caregiver")
    page.goto("/certificates")
    installed(page)
    page.get_by_role("button", name="证书留在手机上").click()
    page.get_by_text("已留在手机上").wait_for()
    said = page.get_by_text("以下是").inner_text()

    phone.set_offline(True)
    page.goto("/certificates")
    page.get_by_role("heading", name="我的证书").wait_for()
    assert page.get_by_text("以下是").inner_text() == said
    page.locator("img[data-kept]").first.scroll_into_view_if_needed()
    page.wait_for_load_state("load")
    assert all(page.evaluate(PICTURES))
    page.locator(".cert-card").first.click()
    page.get_by_text("这是").wait_for()
    page.wait_for_load_state("load")
    assert page.evaluate(PICTURES) == [440]

    phone.set_offline(False)
    page.goto("/me")
    page.get_by_role("button", name="退出登录").first.click()
    page.wait_for_url("**/sign-in*")
    assert page.evaluate("caches.has('kept-lessons')") is False
