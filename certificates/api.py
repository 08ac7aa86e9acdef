"""The door of ``certificates``."""

from certificates.batches.sources import AwardSource, Choice, Eligible, offer
from certificates.cli import commands
from certificates.demo import seed_demo
from certificates.errors import EvaluatorNotOnFile, NoNumberRule, NumbersExhausted, SourceTaken
from certificates.facts import IssueRequest
from certificates.grounds.operations import Ground, lose, regain
from certificates.issuing import Issued, issue
from certificates.jobs import JOBS, TASK_RUNNERS, issue_after_publicity
from certificates.operations import correct, reinstate, reprint, revoke, suspend
from certificates.paper.fonts import fonts as paper_fonts
from certificates.publicity.opening import Group, Pending, award, hold, is_pending, withdraw
from certificates.publicity.queries import Awarding, awardings_of
from certificates.queries import (
    CertificateCard,
    certificates_of,
    expiring,
    issued_for,
    rung_held,
    rungs_held,
)
from certificates.renewal.offers import Offer, renew_by
from certificates.rooms import register
from certificates.rules import Status

__all__ = [
    "JOBS",
    "TASK_RUNNERS",
    "AwardSource",
    "Awarding",
    "CertificateCard",
    "Choice",
    "Eligible",
    "EvaluatorNotOnFile",
    "Ground",
    "Group",
    "IssueRequest",
    "Issued",
    "NoNumberRule",
    "NumbersExhausted",
    "Offer",
    "Pending",
    "SourceTaken",
    "Status",
    "award",
    "awardings_of",
    "certificates_of",
    "commands",
    "correct",
    "expiring",
    "hold",
    "is_pending",
    "issue",
    "issue_after_publicity",
    "issued_for",
    "lose",
    "offer",
    "paper_fonts",
    "regain",
    "register",
    "reinstate",
    "renew_by",
    "reprint",
    "revoke",
    "rung_held",
    "rungs_held",
    "seed_demo",
    "suspend",
    "withdraw",
]
