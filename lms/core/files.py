"""Files that only the service may read: keys, secrets, quarantined uploads."""

import os
from pathlib import Path


def private_folder(path: Path) -> Path:
    """Create ``path`` (mode 0700) if it is missing and return it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def write_private(path: Path, content: bytes, *, replace: bool = True, mode: int = 0o600) -> bool:
    """Write ``content`` with mode 0600 (or another ``mode``), whole or not at all.

    With ``replace=False`` an existing file wins and False is returned; two processes starting
    at once therefore agree on one key.
    """
    private_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    if replace:
        draft.replace(path)
        return True
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True
