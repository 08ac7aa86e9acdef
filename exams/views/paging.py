"""Paging: links that keep the filters in the address."""

from dataclasses import dataclass
from typing import Protocol

from flask import request, url_for


class Paged(Protocol):
    """A list that knows its page."""

    @property
    def total(self) -> int: ...
    @property
    def number(self) -> int: ...
    @property
    def pages(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Page:
    """What the pager draws."""

    number: int
    pages: int
    total: int
    prev_url: str | None
    next_url: str | None


def page_of(found: Paged) -> Page:
    """The pager of a list on the present address."""
    return Page(
        found.number,
        found.pages,
        found.total,
        _url(found.number - 1) if found.number > 1 else None,
        _url(found.number + 1) if found.number < found.pages else None,
    )


def _url(number: int) -> str:
    values = {**(request.view_args or {}), **request.args.to_dict(), "page": number}
    return url_for(request.endpoint or "", **values)
