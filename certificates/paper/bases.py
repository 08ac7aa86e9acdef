"""The sheets papers are drawn on, by number; a base is never edited, a new one is added."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from certificates.paper.look import ACCENT, LINE, Look

_HERE = Path(__file__).parent
#: colours of the classic frame's drawing that follow the look's
_GROUND = {"#8c2f24": "accent", "#a63d2f": "accent", "#b98a3e": "line"}


@cache
def sources(base: int) -> dict[str, bytes]:
    """File name → content of every file of a base."""
    folder = _HERE / f"base{base}"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


@cache
def digest(base: int) -> str:
    """Says which sheets these are; ``tests`` hold it against the known one."""
    parts = [name.encode() + b"\0" + content for name, content in sources(base).items()]
    return sha256(b"\0".join(parts)).hexdigest()


def files_for(look: Look) -> dict[str, bytes]:
    """The base's files, the classic frame in the look's colours."""
    files = sources(look.base)
    if (look.accent, look.line) == (ACCENT, LINE):
        return dict(files)
    ground = files["ground.svg"].decode()
    for colour, role in _GROUND.items():
        ground = ground.replace(colour, look.accent if role == "accent" else look.line)
    return files | {"ground.svg": ground.encode()}
