"""``lms doctor``: what could go wrong on this machine, and the cure for each finding."""

import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import text

from lms.app import MIGRATIONS
from lms.core import audit, clock
from lms.core.config import BESIDE, OUTSIDE, Settings
from lms.core.db import db, session
from lms.core.errors import Unavailable
from lms.core.keys.module import TokenSafe
from lms.core.keys.purposes import SEALS
from lms.core.keys.wire import SocketSigner
from lms.core.setup import installation_kind, revision
from lms.core.signing import ring

WAL_RACE_FIXED = (3, 51, 3)
LEAST_FREE_MB = 500
MOST_CLOCK_DRIFT = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: ``ok``, ``warn`` or ``bad``, what was seen, and the cure if any is needed."""

    name: str
    state: str
    seen: str
    cure: str = ""


def examine(app: Flask) -> list[Finding]:
    """Run every check inside an application context of ``app``."""
    settings: Settings = app.extensions["settings"]
    checks: tuple[Callable[[Settings], Finding], ...] = (
        check_database,
        check_migrations,
        check_keys,
        check_signer,
        check_disk,
        check_fonts,
        check_sqlite,
    )
    return list(_run(checks + (NEED_TABLES if revision() else ()), settings))


def _run(
    checks: tuple[Callable[[Settings], Finding], ...], settings: Settings
) -> Iterator[Finding]:
    for check in checks:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        try:
            yield check(settings)
        except Exception as error:  # a doctor reports what he trips over
            session().rollback()
            yield Finding(name, "bad", f"{type(error).__name__}: {error}"[:200], "see the message")


def check_database(settings: Settings) -> Finding:
    """The database answers and can be written."""
    if settings.is_sqlite:
        with db.engine.connect() as connection:
            answer = connection.execute(text("PRAGMA quick_check")).scalar()
        if answer != "ok":
            return Finding("database", "bad", str(answer), "restore the latest backup")
        return Finding("database", "ok", "SQLite, integrity ok")
    version = session().execute(text("SHOW server_version")).scalar()
    return Finding("database", "ok", f"PostgreSQL {version}")


def check_migrations(_settings: Settings) -> Finding:
    """The schema is the one this code expects."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_current_head()
    present = revision()
    if present == newest:
        return Finding("migrations", "ok", f"at {present}")
    cure = "run `lms run` (it migrates) or `lms migrate`"
    return Finding("migrations", "bad", f"at {present}, code wants {newest}", cure)


def check_installation(_settings: Settings) -> Finding:
    """The database has been set up."""
    kind = installation_kind()
    if kind is None:
        return Finding("installation", "warn", "empty", "run `lms init` or `lms demo`")
    return Finding("installation", "ok", kind)


def check_keys(settings: Settings) -> Finding:
    """Keys exist and only their owner can read them."""
    folder = settings.instance / "keys"
    sealing = list((settings.signing.keys / SEALS).glob("*.pem"))
    needed = [folder / "vault.json", *sealing]
    missing = [path.name for path in needed if not path.exists()]
    module = settings.signing.module
    if missing or not (sealing or module or settings.signing.mode == OUTSIDE):
        return Finding("keys", "bad", "missing", "restore instance/keys from the backup")
    if module is not None and settings.signing.mode != OUTSIDE:
        needed.append(module.pin_file)
        try:
            TokenSafe(module, SEALS).serials()
        except Unavailable as refusal:
            return Finding(
                "keys", "bad", str(refusal), "check the LMS_SIGNER_ settings and the token"
            )
    loose = [p.name for p in needed if stat.S_IMODE(p.stat().st_mode) & 0o077 and _is_posix(p)]
    if loose:
        cure = f"chmod 600 {' '.join(loose)} in {folder}"
        return Finding("keys", "bad", f"readable by others: {', '.join(loose)}", cure)
    return Finding("keys", "ok", f"{len(needed)} key files, private")


def _is_posix(path: Path) -> bool:
    return path.drive == ""


def check_clock(settings: Settings) -> Finding:
    """The machine's clock agrees with the database's and is not in the past."""
    newest = session().scalar(text("SELECT max(at) FROM audit_event"))
    if newest is not None:
        told = str(newest)[:19]
        if told > clock.now().isoformat(sep=" ")[:19]:
            cure = "set the clock (chrony or systemd-timesyncd), then start again"
            return Finding("clock", "bad", f"behind the newest record ({told} UTC)", cure)
    if not settings.is_sqlite:
        drift = session().scalar(text("SELECT extract(epoch FROM clock_timestamp())"))
        gap = abs(float(drift or 0) - clock.now().timestamp())
        if gap > MOST_CLOCK_DRIFT:
            cure = "synchronise both machines with the same time server"
            return Finding("clock", "bad", f"{gap:.0f} s from the database's clock", cure)
    return Finding("clock", "ok", clock.now().astimezone(clock.SHANGHAI).isoformat(" ", "seconds"))


def check_signer(settings: Settings) -> Finding:
    """Somebody signs, and there is a key to sign with."""
    if not ring().current:
        cure = "run `lms keys list`, then `lms keys rotate`"
        return Finding("signer", "bad", "no key signs now", cure)
    if SocketSigner(settings.signing.socket).is_there():
        return Finding("signer", "ok", f"answers at {settings.signing.socket}")
    if settings.signing.mode == OUTSIDE:
        cure = "start `lms signer`; until then nothing is issued, checks go on"
        return Finding("signer", "bad", f"nobody answers at {settings.signing.socket}", cure)
    seen = "starts with `lms run`" if settings.signing.mode == BESIDE else "inside the web process"
    return Finding("signer", "ok", seen)


def check_disk(settings: Settings) -> Finding:
    """There is room to write."""
    free = shutil.disk_usage(settings.instance).free // 2**20
    if free < LEAST_FREE_MB:
        return Finding("disk", "bad", f"{free} MiB free", "make room or move LMS_INSTANCE")
    return Finding("disk", "ok", f"{free} MiB free")


def check_fonts(_settings: Settings) -> Finding:
    """The Chinese font for certificates is installed."""
    font = files("justmytype_intl_cjk") / "fonts" / "ofl" / "notosanssc" / "NotoSansSC[wght].ttf"
    if not font.is_file():
        return Finding("fonts", "bad", "Noto Sans SC is missing", "run `make install` again")
    return Finding("fonts", "ok", "Noto Sans SC")


def check_sqlite(settings: Settings) -> Finding:
    """SQLite is new enough, or its known race is kept away."""
    version = sqlite3.sqlite_version
    if not settings.is_sqlite or sqlite3.sqlite_version_info >= WAL_RACE_FIXED:
        return Finding("sqlite", "ok", version)
    if settings.scheduler:
        return Finding("sqlite", "ok", f"{version}; only the scheduler resets the WAL")
    cure = "leave LMS_SCHEDULER at 1, use PostgreSQL, or a Python with SQLite 3.51.3"
    return Finding("sqlite", "warn", f"{version} has a WAL-reset race between processes", cure)


def check_audit_trail(_settings: Settings) -> Finding:
    """The audit trail's chain fits from first line to last."""
    broken = audit.first_broken()
    if broken is None:
        return Finding("audit trail", "ok", "chain fits")
    cure = "somebody changed it: keep the database, compare with a backup"
    return Finding("audit trail", "bad", f"broken at line {broken}", cure)


NEED_TABLES = (check_installation, check_clock, check_audit_trail)
