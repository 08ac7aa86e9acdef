"""The door of ``certificates``."""

from certificates.cli import commands
from certificates.demo import seed_demo
from certificates.errors import EvaluatorNotOnFile, NoNumberRule, NumbersExhausted, SourceTaken
from certificates.facts import IssueRequest
from certificates.issuing import Issued, issue
from certificates.jobs import JOBS
from certificates.operations import correct, reinstate, reprint, revoke, suspend
from certificates.queries import (
    CertificateCard,
    certificates_of,
    counts_by_region,
    rung_held,
    rungs_held,
)
from certificates.rooms import register
from certificates.rules import Status

__all__ = [
    "JOBS",
    "CertificateCard",
    "EvaluatorNotOnFile",
    "IssueRequest",
    "Issued",
    "NoNumberRule",
    "NumbersExhausted",
    "SourceTaken",
    "Status",
    "certificates_of",
    "commands",
    "correct",
    "counts_by_region",
    "issue",
    "register",
    "reinstate",
    "reprint",
    "revoke",
    "rung_held",
    "rungs_held",
    "seed_demo",
    "suspend",
]
