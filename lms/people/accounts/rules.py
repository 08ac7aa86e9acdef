"""Pure rules of accounts: login names, passwords, typed codes, devices, the second factor."""

import itertools
import re
import secrets
from enum import StrEnum
from functools import cache
from pathlib import Path

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_COMMON = Path(__file__).parent.parent / "data" / "common_passwords.txt"
SLIP_LENGTH = 16
RECOVERY_LENGTH = 12
PASSWORD_MAX = 128


class Step(StrEnum):
    """What a signed-in person must do before anything else."""

    ENROL = "enrol"
    CONFIRM = "confirm"


class PasswordFault(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    PERSONAL = "personal"
    COMMON = "common"


def outstanding(enforced: bool, powerful: bool, confirmed: bool, passed: bool) -> Step | None:
    """What the second factor still asks of a session.

    People with power over others must have one; whoever has one must pass it.
    """
    if not enforced or passed:
        return None
    if confirmed:
        return Step.CONFIRM
    return Step.ENROL if powerful else None


def normal_login(text: str) -> str:
    """A login name as it is kept: small letters, no blanks round it."""
    return text.strip().lower()


def is_login(text: str) -> bool:
    """3 to 40 letters, digits, dots, dashes; begins with a letter, so it is never a phone."""
    return re.fullmatch(r"[a-z][a-z0-9._-]{2,39}", text) is not None


def password_fault(
    password: str, least: int, personal: tuple[str, ...] = ()
) -> PasswordFault | None:
    """Return why ``password`` cannot be used, or None. ``personal``: names and numbers of hers."""
    if len(password) < least:
        return PasswordFault.SHORT
    if len(password) > PASSWORD_MAX:
        return PasswordFault.LONG
    folded = re.sub(r"\s", "", password.lower())
    if any(len(word) >= 2 and _mostly(folded, word.lower()) for word in personal):
        return PasswordFault.PERSONAL
    if folded in _common() or len(set(folded)) < 4 or _is_run(folded):
        return PasswordFault.COMMON
    return None


def _mostly(password: str, word: str) -> bool:
    """True if hardly anything is left of ``password`` once ``word`` is taken out."""
    return word in password and len(password.replace(word, "")) < 5


def _is_run(text: str) -> bool:
    """True for 1234567890, abcdefghij and the like, up or down."""
    steps = {ord(b) - ord(a) for a, b in itertools.pairwise(text)}
    return len(steps) == 1 and steps <= {1, -1, 0}


@cache
def _common() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split())


def new_code(length: int) -> str:
    """A random code of ``length`` characters, 5 bits each, easy to read off paper."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def normal_code(text: str) -> str:
    """A typed code without blanks and dashes, misread letters put right."""
    return re.sub(r"[\s-]", "", text).upper().translate(_MISREAD)


def grouped(code: str) -> str:
    """``ABCD-EFGH-JKMN-PQRS``: how a code is shown and printed."""
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


_SYSTEMS = (
    ("harmony", r"OpenHarmony|HarmonyOS"),
    ("android", r"Android"),
    ("iphone", r"iPhone|iPad"),
    ("windows", r"Windows"),
    ("mac", r"Macintosh"),
    ("linux", r"Linux"),
)
_BROWSERS = (
    ("wechat", r"MicroMessenger"),
    ("dingtalk", r"DingTalk"),
    ("alipay", r"AlipayClient"),
    ("edge", r"Edg/|EdgA/"),
    ("firefox", r"Firefox/"),
    ("chrome", r"Chrome/"),
    ("safari", r"Safari/"),
)


def device_of(user_agent: str) -> str:
    """``android/wechat``: the little of a browser's name that helps a person know her devices."""
    return f"{_first(_SYSTEMS, user_agent)}/{_first(_BROWSERS, user_agent)}"


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, text)), "other")
