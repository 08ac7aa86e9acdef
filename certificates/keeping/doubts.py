"""What a stolen key leaves in doubt.

Whoever holds a stolen key can write any date into what she seals. The register's log is signed by
another key and only grows, so a certificate that a checkpoint covered before the theft is older.
"""

from sqlalchemy import func, select

from certificates.log.models import LogCheckpoint, LogLeaf
from lms.core.db import session
from lms.core.signing import ring


def is_doubtful(key_id: str, certificate_id: int) -> bool:
    """True if a compromised key sealed the certificate and the first checkpoint that covers its
    issue is not from before the theft; no statement unless the key is compromised, then one."""
    key = ring().find(key_id)
    if key is None or key.compromised_from is None:
        return False
    issued = select(func.min(LogLeaf.place)).where(LogLeaf.certificate_id == certificate_id)
    first = select(LogCheckpoint.signed_at).where(LogCheckpoint.size > issued.scalar_subquery())
    at = session().scalar(first.order_by(LogCheckpoint.size).limit(1))
    return at is None or at >= key.compromised_from
