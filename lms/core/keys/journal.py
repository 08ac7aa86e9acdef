"""The signer's own record of what it signed: purpose, digest and time, each line chained to the one
before. It lies with the keys, out of reach of the web processes."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

_TAIL = 4096


def journal_file(keys: Path) -> Path:
    """Where the signer of a folder of keys writes down what it signed."""
    return keys / "signed.log"


@dataclass(frozen=True, slots=True)
class Line:
    """One signature: for what, over a message of which SHA-256, with which key, for whom."""

    at: datetime
    purpose: str
    digest: str
    kid: str
    uid: int


class Journal:
    """Lines at the end of a file, written before the signature is handed out."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self._chain = self._mend()

    def add(self, line: Line) -> None:
        """Append a line; survives the process, and the machine once ``sync`` was called."""
        said = {
            "at": line.at.astimezone(UTC).isoformat(),
            "purpose": line.purpose,
            "digest": line.digest,
            "kid": line.kid,
            "uid": line.uid,
        }
        self._chain = linked(self._chain, said)
        text = json.dumps(said | {"chain": self._chain}, separators=(",", ":")) + "\n"
        os.write(self._handle, text.encode())

    def sync(self) -> None:
        """Make everything written so far survive a power cut."""
        os.fsync(self._handle)

    def close(self) -> None:
        """Write everything through and let go of the file."""
        with suppress(OSError):
            self.sync()
        os.close(self._handle)

    def _mend(self) -> str:
        """The chain's end; a half line that a power cut left is cut off."""
        size = os.fstat(self._handle).st_size
        tail = os.pread(self._handle, _TAIL, max(0, size - _TAIL))
        whole = tail.rfind(b"\n") + 1
        if whole < len(tail):
            os.ftruncate(self._handle, size - len(tail) + whole)
        lines = tail[:whole].splitlines()
        return str(json.loads(lines[-1])["chain"]) if lines else ""


def linked(previous: str, said: dict[str, object]) -> str:
    """The chain value of a line after ``previous``."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return sha256(previous.encode() + text.encode()).hexdigest()


class BrokenChain(ValueError):
    """A line does not fit the one before it."""


def read_journal(path: Path) -> Iterator[Line]:
    """Every line, oldest first. Raises BrokenChain with the line's number."""
    chain = ""
    with path.open(encoding="ascii") as lines:
        for number, text in enumerate(lines, start=1):
            try:
                said = json.loads(text)
                chain, told = linked(chain, {k: v for k, v in said.items() if k != "chain"}), said
            except (ValueError, AttributeError) as error:
                raise BrokenChain(f"line {number} cannot be read") from error
            if chain != told["chain"]:
                raise BrokenChain(f"line {number} does not fit the one before it")
            yield Line(
                datetime.fromisoformat(said["at"]),
                said["purpose"],
                said["digest"],
                said["kid"],
                said["uid"],
            )
