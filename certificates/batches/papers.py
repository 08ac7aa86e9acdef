"""All papers of a batch as one ZIP, drawn and sent one by one; never more than one is in memory."""

import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, cast

from sqlalchemy import Select, select

from certificates.batches.models import BatchLine
from certificates.documents import paper_of
from certificates.errors import Damaged, NotPossibleNow
from certificates.models import Certificate
from lms.core.db import session

LEFT_OUT = "not-printed.txt"
_PART = 200


class _Sink:
    """A file that only grows; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep some bytes."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def issued_by(batch_id: int) -> Select[tuple[str]]:
    """The sources of what a batch issued, at once or after publicity."""
    return select(BatchLine.source).where(
        BatchLine.batch_id == batch_id, BatchLine.outcome.in_(("issued", "public"))
    )


def certificates_of(batch_id: int) -> Iterator[tuple[int, str]]:
    """(id, number) of every certificate of a batch, in the order of issue."""
    last = 0
    while True:
        query = (
            select(Certificate.id, Certificate.number)
            .where(Certificate.source.in_(issued_by(batch_id)), Certificate.id > last)
            .order_by(Certificate.id)
            .limit(_PART)
        )
        part = [(row.id, row.number) for row in session().execute(query)]
        session().rollback()  # nobody waits for a reader that draws for minutes
        if not part:
            return
        yield from part
        last = part[-1][0]


def has_papers(batch_id: int) -> bool:
    """True once a certificate of the batch exists."""
    query = select(Certificate.id).where(Certificate.source.in_(issued_by(batch_id)))
    return session().scalar(query.limit(1)) is not None


def zipped(certificates: Iterable[tuple[int, str]]) -> Iterator[bytes]:
    """A ZIP of papers with masked id numbers, named by certificate number, piece by piece. What
    may not be printed (revoked, suspended, damaged) is named in a list at its end."""
    sink, left_out = _Sink(), []
    with zipfile.ZipFile(cast("IO[bytes]", sink), "w", zipfile.ZIP_STORED) as archive:
        for certificate_id, number in certificates:
            try:
                archive.writestr(f"{number}.pdf", paper_of(certificate_id, "pdf", masked=True))
            except (NotPossibleNow, Damaged) as refusal:
                left_out.append(f"{number}\t{refusal}\n")
            session().rollback()
            yield sink.taken()
        if left_out:
            archive.writestr(LEFT_OUT, "".join(left_out))
    yield sink.taken()
