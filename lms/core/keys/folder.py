"""Looking after the keys of a ring: the first one, announcing, retiring, telling of a theft.

``<keys>/<ring>/NNNN.pem`` are the private halves (mode 0600 in a folder 0700), held by the signer
alone, or a security module holds them; ``<keys>/public/<ring>.json`` is for everybody. Nothing
here runs in a web process.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lms.core import clock
from lms.core.errors import Conflict, NotFound
from lms.core.files import private_folder, write_private
from lms.core.keys.module import ModuleSettings, TokenSafe
from lms.core.keys.purposes import LOG, SEALS
from lms.core.keys.rings import HeldRing, PublicRing, RingKey, dump, parse
from lms.core.keys.safes import FileSafe, PrivateKey, Safe

try:
    import fcntl
except ImportError:  # Windows: one person looks after the keys
    fcntl = None  # type: ignore[assignment]

RINGS = (SEALS, LOG)


def public_file(keys: Path, ring: str) -> Path:
    """Where the public half of a ring is written."""
    return keys / "public" / f"{ring}.json"


def held(keys: Path, ring: str) -> HeldRing:
    """The public half of a ring, kept up to date."""
    return HeldRing(public_file(keys, ring))


class KeyFolder:
    """One ring. With a module its new keys are made there; those in files go on signing until
    they are retired."""

    def __init__(self, keys: Path, ring: str, module: ModuleSettings | None = None) -> None:
        self._private = keys / ring
        self._public = public_file(keys, ring)
        self._files = FileSafe(self._private)
        self._safe: Safe = self._files if module is None else TokenSafe(module, ring)

    def ensure(self) -> PublicRing:
        """The ring; makes its first key, and lists keys of an older version of this product."""
        if self._public.exists():
            return self.read()
        private_folder(self._private)
        if not self._files.serials() and not self._safe.serials():
            self._safe.make(1)
        serials = sorted({*self._files.serials(), *self._safe.serials()})
        self._write(PublicRing(tuple(self._found(serial) for serial in serials)))
        return self.read()

    def read(self) -> PublicRing:
        """The ring as it is written."""
        return parse(self._public.read_bytes())

    def private_key(self, serial: int) -> PrivateKey:
        """The private half of a key. Raises NotFound when it was destroyed or is elsewhere."""
        try:
            return self._safe.key(serial)
        except NotFound:
            return self._files.key(serial)

    def announce(self, now: datetime, active_from: datetime) -> RingKey:
        """Add a key that signs from ``active_from``; it can be published at once."""
        with self._changing() as ring:
            serial = max((key.serial for key in ring.keys), default=0) + 1
            public = self._safe.make(serial)
            key = RingKey(serial, public, now, max(now, active_from))
            self._write(PublicRing((*ring.keys, key)))
        return key

    def rotate(self, now: datetime) -> RingKey:
        """Let the key announced first of those that wait sign from now on; without one, a new."""
        waiting = [key for key in self.read().keys if key.active_from > now and not key.retired_at]
        if not waiting:
            return self.announce(now, now)
        return self._change(min(waiting, key=lambda k: k.serial).kid, active_from=now)

    def retire(self, kid: str, now: datetime) -> RingKey:
        """Let a key sign no more; it goes on verifying. Raises Conflict for the only one."""
        self._ensure_another(kid, now)
        return self._change(kid, retired_at=now)

    def compromised(self, kid: str, since: datetime, now: datetime) -> RingKey:
        """Note that a stranger may have signed with a key; it signs no more from now on."""
        self._ensure_another(kid, now)
        known = self._known(kid)
        earliest = min(since, known.compromised_from or since)
        return self._change(kid, compromised_from=earliest, retired_at=known.retired_at or now)

    def destroy(self, kid: str) -> None:
        """Remove the private half of a retired key. Raises Conflict while it may sign."""
        key = self._known(kid)
        if key.retired_at is None:
            raise Conflict("retire the key before its private half is destroyed")
        self._safe.destroy(key.serial)
        self._files.destroy(key.serial)

    def _ensure_another(self, kid: str, now: datetime) -> None:
        self._known(kid)
        others = PublicRing(tuple(key for key in self.read().keys if key.kid != kid))
        if others.signing_at(now) is None:
            raise Conflict("no other key signs yet; run `lms keys rotate` first")

    def _known(self, kid: str) -> RingKey:
        key = self.read().find(kid)
        if key is None:
            raise NotFound(f"no key {kid}")
        return key

    def _change(self, kid: str, **changes: datetime) -> RingKey:
        with self._changing() as ring:
            keys = [replace(k, **changes) if k.kid == kid else k for k in ring.keys]  # type: ignore[arg-type]
            self._write(PublicRing(tuple(keys)))
        return self._known(kid)

    @contextmanager
    def _changing(self) -> Iterator[PublicRing]:
        """The ring, changed by one process at a time."""
        handle = os.open(private_folder(self._private) / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield self.read()
        finally:
            os.close(handle)

    def _found(self, serial: int) -> RingKey:
        """A key as it is first listed. The first one signs since ever: there is none before it,
        and a clock that was set back must not leave the site without."""
        path = self._files.path(serial)
        at = path.stat().st_mtime if path.exists() else clock.now().timestamp()
        made = datetime.fromtimestamp(int(at), UTC)
        begins = datetime.fromtimestamp(0, UTC) if serial == 1 else made
        return RingKey(serial, self.private_key(serial).public_key(), made, begins)

    def _write(self, ring: PublicRing) -> None:
        self._public.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        write_private(self._public, dump(ring), mode=0o644)
