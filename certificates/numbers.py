"""Certificate numbers: from the issuer's pool, or a prefix by the rule in force and a serial."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text

from certificates import rules
from certificates.errors import NoNumberRule, NumbersExhausted
from certificates.facts import Issuer
from certificates.pools import claiming as pools
from certificates.pools.models import NumberRange
from lms.core.db import session
from lms.core.ladder import Rung
from lms.core.rules import RuleMissing, RuleVersion, rule_on

# One statement on both databases: claims the next serial and locks the series until commit, so
# an issue that is rolled back gives its number back and leaves no gap.
_NEXT = text(
    "INSERT INTO number_series (prefix, last) VALUES (:prefix, :step) "
    "ON CONFLICT (prefix) DO UPDATE SET last = number_series.last + :step RETURNING last"
)


_PASS = text("UPDATE number_series SET last = :last WHERE prefix = :prefix AND last < :last")


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


def next_number(
    kind: str, rung: int | None, issuer: Issuer, site: str | None, issued_on: date
) -> tuple[str, str]:
    """Claim a number in the present unit of work: of the issuer's open pool where there is one,
    else by rule. Returns it with the stamp of what gave it.

    Raises:
        NumbersExhausted, NoNumberRule.
    """
    pooled = pools.claim(issuer.organisation_id, kind, rung)
    if pooled is not None:
        return pooled
    series = series_for(kind, rung, issuer, site, issued_on)
    return claim(series)[0], series.rule.stamp


def claim(series: Series, count: int = 1) -> list[str]:
    """Claim the next ``count`` numbers of a series in the present unit of work; those of a pool
    are left out."""
    claimed: list[str] = []
    while len(claimed) < count:
        step = count - len(claimed)
        last = int(session().scalar(_NEXT, {"prefix": series.prefix, "step": step}) or 0)
        numbers = [series.number(serial) for serial in range(last - step + 1, last + 1)]
        claimed += _free(series, numbers)
    return claimed


def _free(series: Series, numbers: list[str]) -> list[str]:
    """Those that lie in no pool; after one that does, the series goes on behind that range."""
    if session().scalar(select(NumberRange.id).limit(1)) is None:
        return numbers
    free = []
    for number in numbers:
        end = pools.pool_end(number)
        if end is None:
            free.append(number)
        elif end.startswith(series.prefix) and len(end) == len(number):
            passed = {"prefix": series.prefix, "last": int(end.removeprefix(series.prefix))}
            session().execute(_PASS, passed)
    return free


def _rule_code(kind: str, rung: int | None) -> str:
    if kind == "skill" and rung is not None and not Rung(rung).examined:
        return "certificates.number.appointed"
    return f"certificates.number.{kind}"
