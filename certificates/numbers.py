"""Certificate numbers: a prefix from the rule in force, a serial from its series."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from certificates import rules
from certificates.errors import NoNumberRule, NumbersExhausted
from certificates.facts import Issuer
from lms.core.db import session
from lms.core.ladder import Rung
from lms.core.rules import RuleMissing, RuleVersion, rule_on

# One statement on both databases: claims the next serial and locks the series until commit, so
# an issue that is rolled back gives its number back and leaves no gap.
_NEXT = text(
    "INSERT INTO number_series (prefix, last) VALUES (:prefix, :step) "
    "ON CONFLICT (prefix) DO UPDATE SET last = number_series.last + :step RETURNING last"
)


@dataclass(frozen=True, slots=True)
class Series:
    """A number series of one issuer, year and level."""

    rule: RuleVersion
    prefix: str

    def number(self, serial: int) -> str:
        """The number with this serial. Raises NumbersExhausted past the last one."""
        number = rules.full_number(self.rule.value, self.prefix, serial)
        if number is None:
            raise NumbersExhausted(prefix=self.prefix)
        return number


def series_for(
    kind: str, rung: int | None, issuer: Issuer, site: str | None, issued_on: date
) -> Series:
    """The series from which a certificate issued on that day takes its number.

    Raises:
        NoNumberRule: no rule in force knows the kind and rung.
    """
    try:
        rule = rule_on(_rule_code(kind, rung), issued_on)
    except RuleMissing as missing:
        raise NoNumberRule from missing
    parts = {
        "category": issuer.category or "",
        "site": site or "",
        "region": issuer.region,
        "year": f"{issued_on:%Y}",
        "yy": f"{issued_on:%y}",
    }
    prefix = rules.number_prefix(rule.value, rung, parts)
    if prefix is None:
        raise NoNumberRule
    return Series(rule, prefix)


def claim(series: Series, count: int = 1) -> list[str]:
    """Claim the next ``count`` numbers of a series in the present unit of work."""
    last = int(session().scalar(_NEXT, {"prefix": series.prefix, "step": count}) or 0)
    return [series.number(serial) for serial in range(last - count + 1, last + 1)]


def _rule_code(kind: str, rung: int | None) -> str:
    if kind == "skill" and rung is not None and not Rung(rung).examined:
        return "certificates.number.appointed"
    return f"certificates.number.{kind}"
