"""Uploaded question files wait here, sealed, between the plan and its confirmation."""

import json
import re
import secrets
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _

from lms.core.errors import Conflict
from lms.core.files import private_folder, write_private
from lms.core.vault import vault

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file with who sent it, for which bank, and how it is to be read."""

    person_id: int
    bank_id: int
    filename: str
    wanted: str
    rung: int
    module: str
    content: bytes


def keep(upload: Upload, now: datetime) -> str:
    """Seal an upload and return its reference; forget those older than a day."""
    _drop_old(now)
    ref = secrets.token_hex(16)
    packed = asdict(upload) | {"content": b64encode(upload.content).decode()}
    write_private(_path(ref), vault().seal(json.dumps(packed).encode(), _place(ref)))
    return ref


def fetch(ref: str, person_id: int) -> Upload:
    """The sender's own upload. Raises Conflict when it is gone."""
    path = _path(ref)
    if path.exists():
        packed = json.loads(vault().open(path.read_bytes(), _place(ref)))
        upload = Upload(**(packed | {"content": b64decode(packed["content"])}))
        if upload.person_id == person_id:
            return upload
    raise Conflict(_("上传的文件已经清除，请重新上传。"))


def drop(ref: str) -> None:
    """Forget an upload."""
    _path(ref).unlink(missing_ok=True)


def _drop_old(now: datetime) -> None:
    limit = (now - KEPT).timestamp()
    for path in _folder().glob("*.sealed"):
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)


def _folder() -> Path:
    return private_folder(Path(current_app.instance_path) / "uploads" / "questions")


def _path(ref: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{32}", ref):
        raise Conflict(_("上传的文件已经清除，请重新上传。"))
    return _folder() / f"{ref}.sealed"


def _place(ref: str) -> str:
    return f"bank.upload:{ref}"
