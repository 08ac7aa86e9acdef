"""A session as a calendar file (RFC 5545), one event for each part."""

from collections.abc import Iterable
from datetime import UTC, datetime

from courses.classroom.models import CentralSession

_FOLD = 73


def ics(row: CentralSession, host: str, address: str, now: datetime) -> str:
    """The calendar file; lines folded at 75 octets and ended by CRLF as the format asks."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//elderly-care-lms//central//ZH"]
    status = "CANCELLED" if row.status == "cancelled" else "CONFIRMED"
    for part in row.parts:
        lines += [
            "BEGIN:VEVENT",
            f"UID:central-{row.ref}-{part.id}@{host}",
            f"SEQUENCE:{row.revision}",
            f"DTSTAMP:{_stamp(now)}",
            f"DTSTART:{_stamp(part.starts_at)}",
            f"DTEND:{_stamp(part.ends_at)}",
            f"SUMMARY:{_escape(row.title)}",
            f"LOCATION:{_escape(row.venue)}",
            f"DESCRIPTION:{_escape(row.topic)}",
            f"URL:{address}",
            f"STATUS:{status}",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:-PT12H",
            f"DESCRIPTION:{_escape(row.title)}",
            "END:VALARM",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escape(text: str) -> str:
    for plain, safe in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        text = text.replace(plain, safe)
    return text


def _fold(line: str) -> Iterable[str]:
    """Cut a line so that no piece has more than 75 octets and no character is torn."""
    piece, size, first = "", 0, True
    for character in line:
        width = len(character.encode())
        if size + width > _FOLD:
            yield piece if first else f" {piece}"
            piece, size, first = "", 0, False
        piece, size = piece + character, size + width
    yield piece if first else f" {piece}"
