"""The only module that knows everyone: ``create_app`` joins the rooms into one site."""

from pathlib import Path

from flask import Flask, g
from flask_bootstrap import Bootstrap5
from flask_migrate import Migrate

import certificates.api as certificates_api
import courses.api as courses_api
import exams.api as exams_api
from lms.core import lease, notify, outbox, rules, tasks  # noqa: F401 - their tables
from lms.core.assets import init_assets
from lms.core.config import SettingError, Settings, load_settings
from lms.core.db import db
from lms.core.files import private_folder
from lms.core.i18n import init_i18n
from lms.core.setup import note_installation
from lms.core.signing import init_signing
from lms.core.vault import init_vault
from lms.core.web import init_web
from lms.people import api as people_api
from lms.portal import rooms as portal_rooms
from lms.post import api as post_api

MIGRATIONS = Path(__file__).parent.parent / "migrations"
migrate = Migrate(directory=str(MIGRATIONS), render_as_batch=True, compare_type=True)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the site.

    Raises:
        SettingError: when the environment cannot be used.
    """
    settings = settings or load_settings()
    private_folder(settings.instance)
    app = Flask(__name__, instance_path=str(settings.instance))
    app.extensions["settings"] = settings
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        TESTING=settings.testing,
    )
    db.init_app(app)
    migrate.init_app(app, db)
    Bootstrap5(app)
    note_installation(app)
    _refuse_lost_keys(app, settings)
    init_vault(app, settings.instance / "keys")
    init_signing(app, settings.signing)
    init_i18n(app, settings.instance)
    init_assets(app)
    init_web(app, settings, people_api.load_actor, people_api.detour)
    for room in (people_api, post_api, certificates_api, courses_api, exams_api, portal_rooms):
        room.register(app)

    app.teardown_request(lambda _error: g.pop("actor", None))
    return app


def _refuse_lost_keys(app: Flask, settings: Settings) -> None:
    """New keys for an old database would make its identities unreadable for good."""
    keys = settings.instance / "keys"
    if app.extensions["installation"] and not (keys / "vault.json").exists():
        raise SettingError(
            f"the database is in use but {keys} has no keys: restore them from the backup"
        )


def _engine_options(settings: Settings) -> dict[str, object]:
    # An error's text names the statement, never the values: those are people's names and numbers.
    common: dict[str, object] = {"hide_parameters": True}
    if settings.is_sqlite:
        return common | {"connect_args": {"timeout": 10}}
    return common | {
        "pool_size": 8, "max_overflow": 16, "pool_pre_ping": True, "pool_timeout": 10,
        "connect_args": {"options": "-c lock_timeout=10s"},  # as long as SQLite waits
    }  # fmt: skip
