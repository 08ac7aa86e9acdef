"""What doors before Flask read of a request is what Flask reads of it."""

import pytest

from lms.core.doors import cookies_in


@pytest.mark.parametrize(
    "header",
    [
        "", "elder=1", "elder=1; text=030", "elder=x y; elder=1", "a=b; a=c", "lang=en;elder=1",
        'note="x; y"; elder=1', "elder\xa0=1; elder=0", " =1; ;;elder= 1", "elder", "a=1,b=2; c=3",
    ],
)  # fmt: skip
def test_cookies_are_read_as_flask_reads_them(site, header):
    with site.app.test_request_context(environ_overrides={"HTTP_COOKIE": header}) as context:
        assert dict(cookies_in(header).items()) == context.request.cookies.to_dict()
