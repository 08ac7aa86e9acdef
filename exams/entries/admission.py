"""Letting a candidate begin: the code read out in her room, or the invigilator. Callers commit."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from exams.entries import errors
from exams.entries.models import Admission, CodeTry, Entry
from lms.core import clock
from lms.core.db import session
from lms.core.errors import Invalid, Throttled
from lms.core.rules import RuleVersion, rule_on
from lms.core.vault import vault

DIGITS = 6


def invigilation_rule(now: datetime) -> RuleVersion:
    """Ratios, code times and the like, as in force."""
    return rule_on("exams.invigilation", clock.local_date(now))


def _code(room_id: int, step: int) -> str:
    """Six digits that only this installation can derive."""
    return f"{int(vault().blind(f'{room_id}:{step}', 'exam-code')[:15], 16) % 10**DIGITS:0{DIGITS}}"


def present_code(room_id: int, now: datetime) -> tuple[str, int]:
    """The code to read out in a room, and the seconds until the next one."""
    seconds = int(invigilation_rule(now).value["code_seconds"])
    stamp = int(now.timestamp())
    return _code(room_id, stamp // seconds), seconds - stamp % seconds


def try_code(entry: Entry, typed: str, now: datetime) -> bool:
    """Take the code a candidate typed: the present one of her room or the one before. False for a
    wrong one, which counts; the caller commits either way.

    Raises:
        Invalid: not six digits. NoSeat: she sits in no room. Throttled: too many wrong ones.
    """
    digits = digits_of(typed)
    if digits is None:
        raise Invalid(_("验证码是 6 位数字，请听监考员念。"))
    if entry.room_id is None:
        raise errors.NoSeat
    # One try at a time, so that the count cannot be outrun.
    session().execute(select(Entry.id).where(Entry.id == entry.id).with_for_update())
    rule = invigilation_rule(now).value
    since = now - timedelta(seconds=int(rule["code_wait_seconds"]))
    tries = select(func.count()).where(CodeTry.entry_id == entry.id, CodeTry.at > since)
    if (session().scalar(tries) or 0) >= int(rule["code_tries"]):
        raise Throttled
    if not is_right(entry.room_id, digits, rule, now):
        session().add(CodeTry(entry_id=entry.id, at=now))
        session().flush()
        return False
    entry.admitted_at = now
    session().flush()
    return True


def digits_of(typed: str) -> str | None:
    """The six digits of what was typed; None if it is no code at all."""
    digits = typed.strip().replace(" ", "")
    fits = len(digits) == DIGITS and digits.isascii() and digits.isdigit()
    return digits if fits else None


def is_right(room_id: int, digits: str, rule: Mapping[str, Any], now: datetime) -> bool:
    """True for the present code of a room, and for the one before."""
    step = int(now.timestamp()) // int(rule["code_seconds"])
    right = [_code(room_id, step), _code(room_id, step - 1)]
    return any(hmac.compare_digest(code, digits) for code in right)


def is_admitted(admission: str, admitted: datetime | None, handed_in_at: datetime | None) -> bool:
    """True if she may begin: the event asks for nothing, or she was let in since her last sitting
    was handed in."""
    if admission == Admission.OPEN:
        return True
    return admitted is not None and (handed_in_at is None or admitted > handed_in_at)
