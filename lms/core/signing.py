"""Canonical bytes, and the door to the keys: ``sign`` asks whoever holds them, ``ring`` verifies.

Web processes know public keys only; see ``lms.core.keys`` and ``docs/keys.md``.
"""

import json
from dataclasses import dataclass

from flask import Flask, current_app

from lms.core.config import OUTSIDE, SigningSettings
from lms.core.db import Json
from lms.core.keys.folder import held
from lms.core.keys.purposes import LOG, SEALS
from lms.core.keys.rings import HeldRing, PublicRing
from lms.core.keys.signers import FolderSigner, Signer
from lms.core.keys.wire import SocketSigner


def canonical(value: Json) -> bytes:
    """One byte string per value: sorted keys, no spaces, UTF-8 (RFC 8785 for strings and ints).

    Raises:
        TypeError: for floats, whose text form is not the same everywhere.
    """
    _refuse_floats(value)
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _refuse_floats(value: object) -> None:
    waiting: list[object] = [value]
    for item in waiting:  # grows while it is walked through
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, float):
            raise TypeError("canonical JSON takes no floats; use integers or strings")


@dataclass(frozen=True, slots=True)
class _Keys:
    """What an app knows of the keys: how to have something signed, and how to verify."""

    signer: Signer
    seals: HeldRing
    log: HeldRing


def init_signing(app: Flask, settings: SigningSettings) -> None:
    """Give the app its signer and its public rings."""
    signer: Signer
    if settings.mode == OUTSIDE:
        signer = SocketSigner(settings.socket)
    else:
        signer = inside = FolderSigner(settings.keys, settings.module)
        for name in (SEALS, LOG):
            inside.ring(name)  # the keys of a new installation
    rings = held(settings.keys, SEALS), held(settings.keys, LOG)
    app.extensions["keys"] = _Keys(signer, *rings)


def _keys() -> _Keys:
    found: _Keys = current_app.extensions["keys"]
    return found


def signer() -> Signer:
    """Whoever signs for the present app."""
    return _keys().signer


def sign(purpose: str, message: bytes, kid: str | None = None) -> tuple[str, bytes]:
    """(key id, signature) over a message of a purpose on the list of ``lms.core.keys.purposes``.

    Raises:
        BadPurpose: it is not on the list, or the message has not its form.
        SignerAway, SignerBusy: nothing is signed just now. KeyGone: see ``Signer``.
    """
    return signer().sign(purpose, message, kid)


def ring() -> PublicRing:
    """The public keys that seal certificates."""
    return ring_of(current_app)


def ring_of(app: Flask) -> PublicRing:
    """The same for an app that has no context just now; another object as soon as it changed."""
    keys: _Keys = app.extensions["keys"]
    return keys.seals.get()


def log_ring() -> PublicRing:
    """The public keys that sign checkpoints; those before the newest go on verifying."""
    return _keys().log.get()
