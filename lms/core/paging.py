"""Pages of a list; the address keeps its filters from page to page."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request, url_for

T = TypeVar("T")
SIZE = 25


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list and its place in the whole; draw it with ``pager(page)``."""

    rows: list[T]
    number: int
    total: int
    size: int = SIZE

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def prev_url(self) -> str | None:
        """Address of the page before, if any."""
        return self._url(self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        """Address of the page after, if any."""
        return self._url(self.number + 1) if self.number < self.pages else None

    def _url(self, number: int) -> str:
        values = request.args.to_dict(flat=False) | (request.view_args or {}) | {"page": number}
        return url_for(str(request.endpoint), **values)


def page_number() -> int:
    """The page asked for in the address; 1 when it makes no sense."""
    return min(max(request.args.get("page", 1, type=int), 1), 1_000_000)


def offset_of(number: int, size: int = SIZE) -> int:
    """How many rows come before a page."""
    return (number - 1) * size
