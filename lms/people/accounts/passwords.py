"""Password hashes: argon2id, 19 MiB, two passes, one lane (OWASP's second profile)."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# The hash of a random password nobody knows: verified when there is nothing else to verify, so
# that an unknown name costs as much time as a known one.
_DUMMY = _hasher.hash(secrets.token_urlsafe(32))


def hash_password(password: str) -> str:
    """Hash a new password; takes about 30 ms, so call it outside the unit of work."""
    return _hasher.hash(password)


def matches(password_hash: str, password: str) -> bool:
    """One argon2 verification, always; False when there is no hash to match."""
    try:
        _hasher.verify(password_hash or _DUMMY, password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


def is_outdated(password_hash: str) -> bool:
    """True when the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)
