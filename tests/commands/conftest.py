"""The command as an operator runs it, on an instance of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from lms.cli import main
from tests import databases


@pytest.fixture
def lms(
    template: databases.Template, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Result]]:
    """``lms("doctor", "--json")`` runs the command on an empty instance."""
    instance = tmp_path / "operator"
    monkeypatch.setenv("LMS_INSTANCE", str(instance))
    with template.copy_empty(instance) as url:
        monkeypatch.setenv("LMS_DATABASE_URL", url)

        def run(*args: str, text: str | None = None) -> Result:
            return CliRunner().invoke(main, list(args), input=text)

        yield run
