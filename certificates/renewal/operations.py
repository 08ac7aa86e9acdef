"""Giving a certificate its end, linking a renewal to what it renews, telling the holder in time."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select

from certificates.facts import IssueRequest
from certificates.models import Certificate
from certificates.renewal import rules
from certificates.renewal.models import Renewal
from lms.core.db import session
from lms.core.notify import tell
from lms.core.rules import rule_on

BATCH = 200
_BY_PERSON = "central"  # every central training continues the one before, whatever it was called


def with_end(request: IssueRequest) -> IssueRequest:
    """The request with the last day its kind has by rule, unless it names one itself."""
    if request.valid_to is not None or request.kind == "skill":
        return request
    months = rule_on("certificates.validity", request.issued_on).value["months"].get(request.kind)
    if not months:
        return request
    return replace(request, valid_to=rules.last_day(request.issued_on, int(months)))


def link(row: Certificate, now: datetime) -> None:
    """Link a new certificate that ends to the one it continues: the newest of the same person and
    kind (and, but for central training, of the same name) that nothing continues yet."""
    if row.valid_to is None:
        return
    same = [] if row.kind == _BY_PERSON else [Certificate.title == row.title]
    earlier = (
        select(Certificate.id)
        .where(
            Certificate.person_id == row.person_id,
            Certificate.kind == row.kind,
            Certificate.id != row.id,
            Certificate.valid_to.is_not(None),
            Certificate.issued_on < row.issued_on,
            Certificate.status == "valid",
            ~exists().where(Renewal.renews_id == Certificate.id),
            *same,
        )
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
    )
    old = session().scalar(earlier.limit(1))
    if old is not None:
        session().add(Renewal(certificate_id=row.id, renews_id=old, at=now))
        session().flush()


def tell_some(today: date, after: int) -> int | None:
    """Tell holders whose certificates end soon, once per stage; up to ``BATCH`` certificates with
    ids beyond ``after``. Returns the last id looked at, None when there was none left."""
    stages = [int(days) for days in rule_on("certificates.renewal", today).value["days"]]
    query = (
        select(Certificate.id, Certificate.person_id, Certificate.code, Certificate.title,
               Certificate.valid_to)
        .where(
            Certificate.id > after,
            Certificate.status == "valid",
            Certificate.valid_to >= today,
            Certificate.valid_to <= today + timedelta(days=max(stages)),
            ~exists().where(Renewal.renews_id == Certificate.id),
        )
        .order_by(Certificate.id)
        .limit(BATCH)
    )  # fmt: skip
    rows = session().execute(query).all()
    for row in rows:
        reached = rules.stage((row.valid_to - today).days, stages)
        tell(
            row.person_id,
            "certificate.expiring",
            f"certificate:{row.id}:expiring:{reached}",
            f"/certificates/{row.code}",
            title=row.title,
            on=row.valid_to.isoformat(),
        )
    return rows[-1].id if rows else None
