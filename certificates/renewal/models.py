"""Table of renewals."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.db import AppendOnly, Model


class Renewal(AppendOnly, Model):
    """The certificate that continues an earlier one which ends; each is continued once."""

    __tablename__ = "certificate_renewal"

    certificate_id: Mapped[int] = mapped_column(
        ForeignKey("certificate.id"), primary_key=True, autoincrement=False
    )
    renews_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), unique=True)
    at: Mapped[datetime]
