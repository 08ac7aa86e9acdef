"""The second factor: one-time codes of an authenticator app (TOTP, RFC 6238) and spare codes.

A code is good once: the step it belongs to is kept, and only a later step passes.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from io import BytesIO
from typing import ParamSpec

import pyotp
import qrcode
from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from qrcode.image.svg import SvgPathFillImage
from sqlalchemy import delete, func, select, update

from lms.core import audit, clock
from lms.core.access import Action, Actor
from lms.core.db import session
from lms.core.errors import Conflict, Forbidden
from lms.core.links import safe_back
from lms.core.vault import vault
from lms.core.web import wants_json
from lms.people import sessions
from lms.people.accounts import rules, throttle
from lms.people.accounts.policy import PASS_SECOND_FACTOR
from lms.people.models import Account, RecoveryCode, SignIn

P = ParamSpec("P")
ISSUER = "山西养老护理"
DRIFT = 1  # steps of 30 seconds a phone's clock may be off


class SecondFactorNeeded(Forbidden):
    """The session has not passed the second factor, or too long ago for this act."""

    code = "second-factor"
    title = _l("请先完成两步验证")
    text = _l("为保护他人的资料，这一步需要先输入手机验证器上的 6 位数字。")


def detour(needed: Action | None) -> ResponseReturnValue | None:
    """Lead a session that owes the second factor there, whatever page it asked for."""
    step = g.get("second_factor_step")
    if step is None or needed is PASS_SECOND_FACTOR:
        return None
    if wants_json() or request.method not in {"GET", "HEAD"}:
        raise SecondFactorNeeded(action=needed.name if needed else "home")
    return redirect(url_for(f"second_factor.{step}", next=request.full_path.rstrip("?")))


def requires_recent_second_factor(
    view: Callable[P, ResponseReturnValue],
) -> Callable[P, ResponseReturnValue]:
    """Let a dangerous view run only shortly after the second factor; put it below ``@requires``.

    A page leads to the code and back to itself; a form leads to the code and back to the page
    it was on, to be sent again.
    """

    @wraps(view)
    def inside(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if is_recent(clock.now()):
            return view(*args, **kwargs)
        if wants_json():
            raise SecondFactorNeeded(action="step-up")
        if request.method == "GET":
            back = request.full_path.rstrip("?")
        else:
            back = safe_back("/")
            flash(_("这一步需要再验证一次身份。验证后请重新提交。"), "warning")
        return redirect(url_for("second_factor.confirm", next=back), 303)

    return inside


def is_recent(now: datetime) -> bool:
    """True if this session passed the second factor within the rule's minutes."""
    if not sessions.second_factor_enforced():
        return True
    passed: datetime | None = g.signed.second_factor_at
    minutes = throttle.sign_in_rule(now)["step_up_minutes"]
    return passed is not None and now - passed <= timedelta(minutes=minutes)


def begin_enrolment(actor: Actor, now: datetime) -> None:
    """Choose a secret, to be confirmed by its first code. Raises Conflict when one is in use."""
    account = session().get_one(Account, actor.account_id, populate_existing=True)
    if account.totp_confirmed_at is not None:
        raise Conflict(_("两步验证已经开通。"))
    account.totp_sealed = vault().seal(pyotp.random_base32(), _place(account.id))
    account.totp_last_step = 0
    session().flush()
    audit.record(actor, "second_factor.begin", "person", account.person_id)


def secret_of(account: Account) -> str | None:
    """The secret, to be shown while it is not confirmed and to check codes with."""
    if account.totp_sealed is None:
        return None
    return vault().open_text(account.totp_sealed, _place(account.id))


def drawing(account: Account) -> bytes:
    """The QR code (SVG) by which an authenticator app learns the unconfirmed secret."""
    secret = secret_of(account)
    if secret is None or account.totp_confirmed_at is not None:
        raise Conflict(_("请先开始设置。"))
    label = account.login or account.person.phone_masked or str(account.id)
    uri = pyotp.TOTP(secret).provisioning_uri(name=label, issuer_name=ISSUER)
    code = qrcode.QRCode(border=4, image_factory=SvgPathFillImage, mask_pattern=3)
    code.add_data(uri)
    out = BytesIO()
    code.make_image().save(out)
    return out.getvalue()


def confirm_enrolment(actor: Actor, typed: str, now: datetime) -> list[str] | None:
    """Confirm the secret by a code; returns the recovery codes, or None for a wrong code."""
    account = session().get_one(Account, actor.account_id, populate_existing=True)
    if account.totp_confirmed_at is not None:
        raise Conflict(_("两步验证已经开通。"))
    if not _claim_step(account, typed, now):
        throttle.note_failure(throttle.key_for(account.id), now)
        return None
    account.totp_confirmed_at = now
    session().flush()
    throttle.clear(throttle.key_for(account.id))
    audit.record(actor, "second_factor.confirm", "person", account.person_id)
    return renew_recovery_codes(actor, now)


def renew_recovery_codes(actor: Actor, now: datetime) -> list[str]:
    """Replace the recovery codes; the new ones are shown once and kept as keyed hashes."""
    codes = [
        rules.new_code(rules.RECOVERY_LENGTH)
        for _n in range(throttle.sign_in_rule(now)["recovery_codes"])
    ]
    session().execute(delete(RecoveryCode).where(RecoveryCode.account_id == actor.account_id))
    session().add_all(
        RecoveryCode(account_id=actor.account_id, code_hash=_blind(code)) for code in codes
    )
    session().flush()
    audit.record(actor, "second_factor.recovery_codes", "person", actor.person_id)
    return [rules.grouped(code) for code in codes]


def recovery_codes_left(account_id: int) -> int:
    """How many recovery codes are unused."""
    query = select(func.count()).where(
        RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
    )
    return session().scalar(query) or 0


def verify(account_id: int, typed: str, now: datetime) -> bool:
    """Check a six-digit or a recovery code and use it up; a failure is counted."""
    account = session().get_one(Account, account_id, populate_existing=True)
    code = rules.normal_code(typed)
    if account.totp_confirmed_at is None:
        return False
    good = _claim_step(account, code, now) if len(code) == 6 else _spend(account_id, code, now)
    key = throttle.key_for(account_id)
    if good:
        throttle.clear(key)
    else:
        throttle.note_failure(key, now)
    return good


def remove(account_id: int, actor: Actor, now: datetime, reason: str = "") -> None:
    """Take the second factor off an account and end its sessions; it must enrol anew."""
    account = session().get_one(Account, account_id, populate_existing=True)
    account.totp_sealed = None
    account.totp_confirmed_at = None
    account.totp_last_step = 0
    session().execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    mine = actor.session_id if actor.account_id == account_id else None
    sessions.end_all(account_id, now, but=mine)
    session().execute(update(SignIn).where(SignIn.id == (mine or 0)).values(second_factor_at=None))
    session().flush()
    audit.record(actor, "second_factor.remove", "person", account.person_id, reason=reason)


def _claim_step(account: Account, typed: str, now: datetime) -> bool:
    """True if ``typed`` is the code of a step not used yet; uses it up by compare-and-set."""
    secret = secret_of(account)
    if secret is None:
        return False
    totp = pyotp.TOTP(secret)
    at = totp.timecode(now)
    for step in range(at - DRIFT, at + DRIFT + 1):
        if step > account.totp_last_step and pyotp.utils.strings_equal(
            totp.generate_otp(step), typed.strip()
        ):
            claimed = session().execute(
                update(Account)
                .where(Account.id == account.id, Account.totp_last_step < step)
                .values(totp_last_step=step)
            )
            return bool(claimed.rowcount)  # type: ignore[attr-defined]
    return False


def _spend(account_id: int, code: str, now: datetime) -> bool:
    spent = session().execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.code_hash == _blind(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return bool(spent.rowcount)  # type: ignore[attr-defined]


def _blind(code: str) -> str:
    return vault().blind(rules.normal_code(code), "recovery")


def _place(account_id: int) -> str:
    return f"account.totp:{account_id}"
