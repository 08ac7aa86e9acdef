"""Languages: Chinese is written in the source, English stands in ``lms/translations/en/*.po``.

Each room keeps its own ``.po`` file; they are merged and compiled into the instance folder when
the app starts, so nothing built is kept under version control.
"""

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date as babel_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from lms.core.clock import SHANGHAI
from lms.core.files import write_private

SOURCE = Path(__file__).parent.parent / "translations"
LOCALES = ("zh", "en")


def read_catalogue(locale: str, source: Path = SOURCE) -> Catalog:
    """Merge the rooms' ``.po`` files of a language into one catalogue."""
    merged = Catalog(locale=locale)
    for path in sorted((source / locale).glob("*.po")):
        with path.open("rb") as handle:
            for message in read_po(handle, locale=locale):
                if message.id and message.string:
                    merged[message.id] = message
    return merged


def _compile(folder: Path) -> None:
    for locale in LOCALES[1:]:
        sources = sorted((SOURCE / locale).glob("*.po"))
        target = folder / locale / "LC_MESSAGES" / "messages.mo"
        newest = max((path.stat().st_mtime for path in sources), default=0)
        if target.exists() and target.stat().st_mtime > newest:
            continue
        draft = target.with_suffix(".draft")
        draft.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as handle:
            write_mo(handle, read_catalogue(locale))
        write_private(target, draft.read_bytes())
        draft.unlink(missing_ok=True)


def chosen_locale() -> str:
    """The language of this request: the person's choice, else the browser's, else Chinese."""
    if not has_request_context():
        return "zh"
    wanted = g.get("locale") or request.cookies.get("lang")
    return locale_of(wanted, request.headers.get("Accept-Language", ""))


@lru_cache(200)
def locale_of(wanted: str | None, accepted: str) -> str:
    """The language somebody chose, else the one that suits a browser's ``Accept-Language``."""
    if wanted in LOCALES:
        return str(wanted)
    return parse_accept_header(accepted, LanguageAccept).best_match(LOCALES) or "zh"


def show_date(value: date | datetime | None) -> str:
    """``2026年11月23日`` or ``23 November 2026``; a datetime is shown by its Shanghai date."""
    return _date_in(value, get_locale() or "zh")


def _date_in(value: date | datetime | None, locale: Locale | str) -> str:
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    return babel_date(value, "long", locale=locale)


def show_time(value: datetime | None) -> str:
    """Date and minute in Shanghai."""
    return time_in(value, get_locale() or "zh")


def time_in(value: datetime | None, locale: Locale | str) -> str:
    """Date and minute in Shanghai, in a language."""
    if value is None:
        return "—"
    return f"{_date_in(value, locale)} {value.astimezone(SHANGHAI):%H:%M}"


def show_exact(value: datetime | None) -> str:
    """Date and second in Shanghai, for logs."""
    if value is None:
        return "—"
    return f"{show_date(value)} {value.astimezone(SHANGHAI):%H:%M:%S}"


def init_i18n(app: Flask, instance: Path) -> None:
    """Compile the catalogues and set up Flask-Babel and the date filters."""
    folder = instance / "translations"
    _compile(folder)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(folder)
    app.config["BABEL_DEFAULT_LOCALE"] = "zh"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Shanghai"
    Babel(app, locale_selector=chosen_locale)
    app.add_template_filter(show_date, "date")
    app.add_template_filter(show_time, "moment")
    app.add_template_filter(show_exact, "exact")
    app.jinja_env.globals["current_locale"] = chosen_locale
