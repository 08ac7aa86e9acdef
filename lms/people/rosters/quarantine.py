"""Uploaded rosters wait here, sealed, until their import is done or a day has passed."""

import re
import secrets
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _

from lms.core import clock
from lms.core.errors import Conflict
from lms.core.files import private_folder, write_private
from lms.core.vault import vault

KEPT_SECONDS = 24 * 3600


def keep(content: bytes) -> str:
    """Seal an upload and return the reference under which it is found."""
    ref = secrets.token_hex(16)
    write_private(_path(ref), vault().seal(content, _place(ref)))
    return ref


def fetch(ref: str) -> bytes:
    """The upload's content. Raises Conflict when it is gone."""
    path = _path(ref)
    if not path.exists():
        raise Conflict(_("上传的文件已经清除，请重新上传。"))
    return vault().open(path.read_bytes(), _place(ref))


def drop(ref: str) -> None:
    """Forget an upload."""
    _path(ref).unlink(missing_ok=True)


def drop_old() -> int:
    """Forget uploads older than a day; returns how many."""
    limit = clock.now().timestamp() - KEPT_SECONDS
    old = [path for path in _folder().glob("*.sealed") if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _folder() -> Path:
    return private_folder(Path(current_app.instance_path) / "uploads" / "rosters")


def _path(ref: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{32}", ref):
        raise Conflict
    return _folder() / f"{ref}.sealed"


def _place(ref: str) -> str:
    return f"roster.upload:{ref}"
