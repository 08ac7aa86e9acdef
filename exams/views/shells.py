"""The room's page as its template draws it, drawn once for each exam, language and text size."""

from dataclasses import dataclass
from threading import Lock

from flask import Flask, g, render_template
from flask_wtf.csrf import generate_csrf

from lms.core.access import Actor
from lms.core.moulds import Mould

REMEMBERED = 300
#: Stands in for a sitting's number while the page is drawn; no sitting has it.
STAND_IN = 2**31 - 2


@dataclass(frozen=True, slots=True)
class Look:
    """How a person wants to see the site, as ``preferences`` asks an account."""

    elder: bool
    text_size: int


@dataclass(frozen=True, slots=True)
class _Attempt:
    id: int


@dataclass(frozen=True, slots=True)
class _Event:
    title: str


class Shells:
    """Gives the page with two holes: ``attempt`` and ``token``."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._drawing = Lock()
        self._known: dict[tuple[str, str, Look], Mould] = {}

    def __call__(self, title: str, locale: str, look: Look) -> Mould:
        """The page of an exam; drawn by one request, remembered for the others."""
        look = look if look.elder else Look(elder=False, text_size=0)  # it shows in large text only
        key = title, locale, look
        found = self._known.get(key)
        if found is None:
            with self._drawing:
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                found = self._known.get(key) or self._draw(title, locale, look)
                self._known[key] = found
        return found

    def _draw(self, title: str, locale: str, look: Look) -> Mould:
        with self._app.test_request_context(f"/exams/room/{STAND_IN}"):
            g.actor, g.account, g.locale = Actor(0, 0, ""), look, locale
            token = generate_csrf()
            page = render_template(
                "exams/room.html", attempt=_Attempt(STAND_IN), event=_Event(title)
            )
        return Mould(page, {str(STAND_IN): "attempt", token: "token"})
