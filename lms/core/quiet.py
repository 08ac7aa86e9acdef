"""Hours of the day in which nobody is disturbed, in Shanghai time."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from lms.core import clock


@dataclass(frozen=True, slots=True)
class Quiet:
    """From ``begins`` until ``ends``, usually over midnight; equal times mean never."""

    begins: time
    ends: time

    @staticmethod
    def of(begins: str, ends: str) -> "Quiet":
        """From two times such as ``20:30`` and ``08:00``. Raises ValueError."""
        return Quiet(time.fromisoformat(begins), time.fromisoformat(ends))

    @staticmethod
    def read(text: str) -> "Quiet | None":
        """What ``str`` wrote; None for an empty text. Raises ValueError."""
        begins, _dash, ends = text.partition("-")
        return Quiet.of(begins, ends) if text else None

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"

    def covers(self, moment: datetime) -> bool:
        """True if ``moment`` falls into these hours."""
        at = moment.astimezone(clock.SHANGHAI).time()
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends

    def awake(self, moment: datetime) -> datetime:
        """``moment``, or the end of the quiet hours it falls in."""
        if not self.covers(moment):
            return moment
        local = moment.astimezone(clock.SHANGHAI)
        day = local.date() + timedelta(days=1) if local.time() >= self.ends else local.date()
        return datetime.combine(day, self.ends, clock.SHANGHAI).astimezone(moment.tzinfo)
