"""Turning what an examiner types (id numbers, phones) or picks (a home) into people."""

import re
from dataclasses import dataclass
from datetime import date

from lms.people.api import at_work_in, find_person_ids


@dataclass(frozen=True, slots=True)
class Found:
    """People found, and the entries nobody fits."""

    person_ids: tuple[int, ...]
    unknown: tuple[str, ...]


def by_numbers(text: str) -> Found:
    """Read id numbers or phone numbers, one a line or separated by commas or blanks."""
    typed = [part for part in re.split(r"[\s,，、;；]+", text) if part]
    found = find_person_ids(typed)
    unknown = tuple(number for number in typed if number not in found)
    return Found(tuple(dict.fromkeys(found[n] for n in typed if n in found)), unknown)


def by_home(credit_code: str, on: date, posts: tuple[str, ...]) -> Found:
    """Everybody at work in a home on a day in one of ``posts``."""
    people = at_work_in(credit_code.strip().upper(), on, posts)
    return Found(tuple(people), () if people else (credit_code,))
