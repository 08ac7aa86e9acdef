"""A real server on a demo database, and a real Chromium emulating a phone."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests import databases

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]

# Milliseconds to wait for what must come. No journey depends on how fast the machine is just now.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser is a second program on the machine and may itself fall over: a journey that fails
    is walked once more, and the summary says so. One that fails twice is a fault of ours."""
    for item in items:
        if item.get_closest_marker("journey"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@dataclass(frozen=True)
class Live:
    """A served demo province."""

    url: str
    password: str
    env: dict[str, str]
    samples: dict[str, str]

    def env_settings(self) -> dict[str, str]:
        """The served installation's settings, to open its database beside the server."""
        return {key: value for key, value in self.env.items() if key.startswith("LMS_")}

    def lms(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run the ``lms`` command on the served database."""
        return lms(self.env, *args)


def lms(env: dict[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    """Run the ``lms`` command."""
    return subprocess.run(
        [sys.executable, "-m", "lms", *args],
        env=env, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    """Return when the server answers; fail when it has ended or takes a minute."""
    for _ in range(600):
        assert process.poll() is None, "the server ended at start"
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            pause()
    pytest.fail("the server did not become ready")


def pause() -> None:
    """Yield the processor for a tenth of a second."""
    left, right = socket.socketpair()
    with left, right:
        left.settimeout(0.1)
        try:
            left.recv(1)
        except TimeoutError:
            return


@pytest.fixture(scope="session")
def live(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """``lms demo`` and ``lms run`` as a newcomer would start them, on the database under test."""
    folder = tmp_path_factory.mktemp("live")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with databases.open_empty(request.config.getoption("--database"), folder) as database_url:
        env = {k: v for k, v in os.environ.items() if not k.startswith("LMS_")}
        env |= {
            "LMS_INSTANCE": str(folder / "instance"),
            "LMS_DATABASE_URL": database_url,
            "LMS_BASE_URL": url,
            "LMS_LOG_LEVEL": "WARNING",
        }
        made = lms(env, "demo", "--staff", "300", "--seed", "7", "--json")
        assert made.returncode == 0, made.stderr
        facts = json.loads(made.stdout)
        command = [sys.executable, "-m", "lms", "run", "--port", str(port)]
        log = (folder / "server.log").open("wb")
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=log)
        try:
            wait_until_ready(process, url)
            yield Live(url, facts["password"], env, facts["samples"])
        finally:
            process.terminate()
            process.wait(timeout=30)
            log.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium where there is one, else Playwright's own."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    opened = playwright.chromium.launch(executable_path=found, args=FLAGS)
    yield opened
    opened.close()


@pytest.fixture
def phone(playwright: Playwright, browser: Browser, live: Live) -> Iterator[BrowserContext]:
    """A Pixel 7 in Taiyuan that speaks Chinese."""
    context = browser.new_context(
        **playwright.devices["Pixel 7"],
        base_url=live.url, locale="zh-CN", timezone_id="Asia/Shanghai",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def laptop(browser: Browser, live: Live) -> Iterator[BrowserContext]:
    """A laptop with a small screen."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        base_url=live.url, locale="zh-CN", timezone_id="Asia/Shanghai",
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def sign_in(context: BrowserContext, live: Live, login: str) -> Page:
    """Sign in through the form and return the page that follows."""
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("手机号或登录名").fill(login)
    page.get_by_label("密码", exact=True).fill(live.password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page
