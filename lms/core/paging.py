"""Pages of a list; the address keeps its filters from page to page."""

from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import request

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
        return with_filters(request.path, page=str(number))


def with_filters(path: str, **changed: str) -> str:
    """An address on this site with the filters of this request, some of them changed."""
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name != "page" and name not in changed
    ]
    query = urlencode([*kept, *changed.items()])
    return f"{path}?{query}" if query else path


def page_number() -> int:
    """The page asked for in the address; 1 when it makes no sense."""
    return min(max(request.args.get("page", 1, type=int), 1), 1_000_000)


def offset_of(number: int, size: int = SIZE) -> int:
    """How many rows come before a page."""
    return (number - 1) * size
