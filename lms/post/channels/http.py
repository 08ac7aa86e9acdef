"""What webhooks, robots and the SMS gateway share: a signed POST and its outcome."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lms.core.carriers import Network
from lms.post import wire
from lms.post.addresses import BadAddress, checked, parse, resolve
from lms.post.parcels import REFUSED, Hand, Outcome, Parcel, unreachable

JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Request:
    """What a channel wants to send."""

    url: str
    headers: Mapping[str, str]
    body: bytes


Write = Callable[[Parcel], Request]
Judge = Callable[[wire.Answer], Outcome]


def tls_context(authorities: Path | None) -> ssl.SSLContext:
    """Certificates are checked against the system's authorities and those of the operator."""
    context = ssl.create_default_context()
    if authorities is not None:
        context.load_verify_locations(cafile=str(authorities))
    return context


@dataclass(frozen=True, slots=True)
class HttpChannel:
    """``write`` makes the request, ``judge`` reads the answer. ``networks`` are private ones that
    may be called; None stands for an address that the operator set and that is not questioned."""

    write: Write
    judge: Judge
    tls: ssl.SSLContext
    networks: tuple[Network, ...] | None = ()

    @contextmanager
    def opened(self) -> Iterator[Hand]:
        """Each parcel has a connection of its own: receivers are many and parcels few."""
        yield self._carry

    def _carry(self, parcel: Parcel) -> Outcome:
        request = self.write(parcel)
        try:
            address = parse(request.url)
            ip = resolve(address)[0] if self.networks is None else checked(address, self.networks)
            answer = wire.post(address, ip, request.headers, request.body, self.tls)
        except BadAddress as fault:
            return unreachable(fault.code) if fault.code == "name" else Outcome(REFUSED, fault.code)
        except wire.NoAnswer as fault:
            return unreachable(fault.code)
        if 300 <= answer.status < 400:
            return unreachable("redirect")
        return self.judge(answer)
