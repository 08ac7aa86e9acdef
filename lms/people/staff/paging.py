"""Pages of a list and the addresses that lead to them."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from lms.core.errors import NotFound

LAST_PAGE = 2000


@dataclass(frozen=True, slots=True)
class Page:
    """Where in a list we are; ``total`` may be counted only up to a limit."""

    number: int
    pages: int
    total: int

    @property
    def prev_url(self) -> str | None:
        """The page before, or None."""
        return here(page=self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        """The page after, or None."""
        return here(page=self.number + 1) if self.number < self.pages else None


def asked_page() -> int:
    """The page number in the address, 1 when there is none. Raises NotFound for nonsense."""
    text = request.args.get("page", "1")
    if not text.isdecimal() or len(text) > 5 or not 1 <= int(text) <= LAST_PAGE:
        raise NotFound
    return int(text)


def page_of(number: int, total: int, size: int) -> Page:
    """Describe page ``number`` of ``total`` rows. Raises NotFound beyond the last page."""
    pages = max(1, -(-total // size))
    if number > pages:
        raise NotFound
    return Page(number, pages, total)


def here(endpoint: str | None = None, **changes: Any) -> str:
    """This list's address with some parameters changed; None takes one away."""
    args: dict[str, Any] = {k: v for k, v in request.args.items() if k != "page"}
    args.update(changes)
    kept = {k: v for k, v in args.items() if v not in {None, ""}}
    return url_for(endpoint or str(request.endpoint), **(request.view_args or {}), **kept)


def sort_column(label: str, key: str, present: str) -> dict[str, str | None]:
    """A heading that sorts: upwards first, downwards when it already does."""
    direction = {key: "asc", f"-{key}": "desc"}.get(present)
    target = f"-{key}" if direction == "asc" else key
    return {"label": label, "url": here(sort=target), "direction": direction}
