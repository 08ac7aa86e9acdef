"""A lesson kept on the phone is read and answered without a signal, and counts once."""

import pytest

from tests.journeys.conftest import sign_in

pytestmark = pytest.mark.journey
LESSON = "/learn/onboarding-caregiver/safety-and-emergency"
ANSWERS = {1: "B", 2: "C", 3: "A"}


def waiting(page):
    return page.evaluate("JSON.parse(localStorage.getItem('learn.queue') ?? '[]').length")


def comes_true(page, truth, tenths=600):
    """Wait in the page itself: the site's policy allows no evaluated polling."""
    return page.evaluate(
        f"async () => {{ for (let n = 0; n < {tenths}; n += 1) {{"
        f" if ({truth}) return true; await new Promise((go) => setTimeout(go, 100)); }}"
        " return false; }"
    )


def until(page, truth):
    assert comes_true(page, truth)


def installed(page):
    """An install that failed on a busy machine is tried again at the next visit."""
    for _visit in range(5):
        if comes_true(page, "navigator.serviceWorker.controller", tenths=150):
            return
        page.reload()
    pytest.fail("the service worker was not installed in five visits")


def test_a_kept_lesson_works_without_a_signal(phone, live):
    page = sign_in(phone, live, "caregiver")
    page.goto(LESSON)
    installed(page)
    page.get_by_role("button", name="留在手机上").click()
    page.get_by_text("已留在手机上").wait_for()

    phone.set_offline(True)
    page.goto("/learn")
    page.get_by_role("heading", name="现在没有网络").wait_for()
    page.get_by_role("link", name="安全与应急").click()
    page.get_by_role("heading", name="安全与应急").wait_for()
    pictures = page.evaluate(
        "[...document.querySelectorAll('.lesson-body img')].map((i) => i.naturalWidth)"
    )
    assert pictures
    assert all(pictures)
    for number, letter in ANSWERS.items():
        page.locator(f"label[for=q{number}-{letter}]").click()
    page.get_by_role("button", name="交答案").click()
    page.get_by_text("现在没有信号").wait_for()
    assert waiting(page) > 0

    phone.set_offline(False)
    page.goto("/learn")
    until(page, "localStorage.getItem('learn.queue') === '[]'")
    page.goto(LESSON)
    page.get_by_role("button", name="完成本课").click()
    page.wait_for_url("**/infection-control")

    page.goto("/me")
    page.get_by_role("button", name="退出登录").first.click()
    page.wait_for_url("**/sign-in*")
    assert page.evaluate("caches.has('kept-lessons')") is False
