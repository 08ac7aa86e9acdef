"""A site under a public address, and what a stranger fetches from it."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from certificates.api import Issued
from certificates.badges.keys import keys_in
from lms.core.config import load_settings
from tests.certificates.badges.outside import Outside
from tests.factories.certificates import (
    course_request,
    issue_now,
    skill_request,
    transcript_request,
)
from tests.factories.signing_in import sign_in_as
from tests.site import Site

BASE = "https://cert.example.cn"
JWT = {"Accept": "application/vc+jwt"}


class Fetched:
    """A stranger's view: everything by address, nothing from inside."""

    def __init__(self, site: Site) -> None:
        self.client = site.app.test_client()

    def text(self, address: str, **headers: str) -> str:
        answer = self.client.get(address.removeprefix(BASE), headers=headers)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.text

    def credential(self, code: str) -> dict[str, Any]:
        return json.loads(self.text(f"/v/{code}/credential"))

    def did(self, issuer: str) -> dict[str, Any]:
        path = issuer.removeprefix("did:web:cert.example.cn").replace(":", "/")
        return json.loads(self.text(f"{path}/did.json" if path else "/.well-known/did.json"))

    def lists(self, credential: dict[str, Any], **headers: str) -> dict[str, str]:
        wanted = [entry["statusListCredential"] for entry in credential["credentialStatus"]]
        return {address: self.text(address, **headers) for address in wanted}

    def keys(self, credential: dict[str, Any]):
        issuer = credential["issuer"]["id"]
        return keys_in({issuer: self.did(issuer)})

    def documents(self, credential: dict[str, Any]) -> dict[str, Any]:
        """All that a verifier loads while it looks at ``credential``."""
        issuer = credential["issuer"]["id"]
        lists = {address: json.loads(text) for address, text in self.lists(credential).items()}
        return {issuer: self.did(issuer)} | lists


@dataclass(frozen=True)
class Still:
    """A site nobody changes, with a certificate of each kind that has a form of its own."""

    site: Site
    fetched: Fetched
    skill: Issued
    course: Issued
    transcript: Issued

    def browser(self, person_id: int):
        return sign_in_as(self.site.app, person_id)


@pytest.fixture(scope="module")
def still(template, tmp_path_factory) -> Iterator[Still]:
    """One site for all tests of a file that only read."""
    instance = tmp_path_factory.mktemp("still") / "instance"
    shutil.copytree(template.instance, instance)
    with template.copy(instance) as url:
        settings = load_settings(
            {"LMS_INSTANCE": str(instance), "LMS_DATABASE_URL": url, "LMS_BASE_URL": BASE}
        )
        cast = template.cast
        requests = (
            skill_request(cast.wang, cast.base),
            course_request(cast.zhao, cast.base),
            transcript_request(cast.wang, cast.base),
        )
        with Site.open(settings) as opened:
            with opened.app.app_context():
                issued = [issue_now(request) for request in requests]
            yield Still(opened, Fetched(opened), *issued)


@pytest.fixture
def site(settings) -> Iterator[Site]:
    with Site.open(dataclasses.replace(settings, base_url=BASE)) as opened:
        yield opened


@pytest.fixture
def fetched(site) -> Fetched:
    return Fetched(site)


@pytest.fixture
def skill(site, cast):
    with site.app.app_context():
        return issue_now(skill_request(cast.wang, cast.base))


@pytest.fixture
def course(site, cast):
    with site.app.app_context():
        return issue_now(course_request(cast.zhao, cast.base))


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    process = Outside()
    yield process
    process.close()
