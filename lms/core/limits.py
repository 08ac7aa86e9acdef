"""Limits that count only some answers, asked without a Flask request.

The same numbers in the same storage as ``limiter.limit(…, deduct_when=…)`` on a view, and the same
headers: whoever answers in the view's place neither loosens nor tightens its limit.
"""

from functools import lru_cache

from limits import parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from lms.core import clock
from lms.core.web import limiter

REMEMBERED = 8192  # clients whose keys are kept at hand


class Standing:
    """How clients stand with the limit of an endpoint, counted in fixed windows."""

    def __init__(self, limit: str, endpoint: str) -> None:
        self._items = sorted(parse_many(limit))
        self._endpoint = endpoint
        self._keys = lru_cache(maxsize=REMEMBERED)(self._keys_of)

    def headers(self, address: str) -> list[tuple[str, str]] | None:
        """What an answer to this client says of it; None when nothing is left for her, or when
        the counts cannot be read."""
        strategy, keys = limiter.limiter, self._keys(address)
        if not isinstance(strategy, FixedWindowRateLimiter):
            return None
        storage: Storage = strategy.storage
        try:
            left = [
                item.amount - storage.get(key) for item, key in zip(self._items, keys, strict=True)
            ]
            until = int(storage.get_expiry(keys[0]) + 1)
        except storage.base_exceptions:
            return None
        if min(left) < 1:
            return None
        return [
            ("X-RateLimit-Limit", str(self._items[0].amount)),
            ("X-RateLimit-Remaining", str(left[0])),
            ("X-RateLimit-Reset", str(until)),
            ("Retry-After", str(int(until - clock.now().timestamp()))),
        ]

    def _keys_of(self, address: str) -> list[str]:
        return [item.key_for(address, self._endpoint) for item in self._items]
