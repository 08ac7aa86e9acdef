"""The only reader of time. Instants are UTC; dates are Shanghai calendar dates."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return today's date as a clock on a wall in Taiyuan shows it."""
    return local_date(now())


def local_date(moment: datetime) -> date:
    """Return the Shanghai calendar date of an aware instant."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """Return the instant (UTC) at which ``day`` begins in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)
