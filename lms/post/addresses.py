"""Addresses that somebody typed and this machine is to call: only public ones, or networks that
the operator named. The name is resolved once, and the address that was checked is dialled."""

import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from lms.core.carriers import Network

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
MOST_CHARACTERS = 500


class BadAddress(ValueError):
    """This address is not called; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart. ``path`` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What stands in the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def parse(text: str) -> Address:
    """Take an address apart. Raises BadAddress: ``form``."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise BadAddress("form") from error
    plain = text.isascii() and text.isprintable() and " " not in text
    fits = plain and len(text) <= MOST_CHARACTERS and "@" not in parts.netloc
    if not fits or parts.scheme not in {"https", "http"} or not parts.hostname or parts.fragment:
        raise BadAddress("form")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, parts.hostname, port or _usual(parts.scheme), path)


def _usual(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def resolve(address: Address) -> list[Ip]:
    """Every IP address of its host. Raises BadAddress: ``name``."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadAddress("name") from error
    return [ipaddress.ip_address(str(line[4][0]).partition("%")[0]) for line in found]


def checked(address: Address, networks: Iterable[Network]) -> Ip:
    """The IP address to dial. All that the name stands for must be allowed: a name that points
    both outside and inside is a trick. Plain http is for the operator's own networks only.

    Raises:
        BadAddress: ``name``, ``private`` or ``plain``.
    """
    found, allowed = resolve(address), tuple(networks)
    named = [is_in(ip, allowed) for ip in found]
    if not found or not all(
        inside or is_public(ip) for ip, inside in zip(found, named, strict=True)
    ):
        raise BadAddress("private")
    if address.scheme == "http" and not all(named):
        raise BadAddress("plain")
    return found[0]


def is_in(ip: Ip, networks: Iterable[Network]) -> bool:
    """True if ``ip`` lies in one of the networks."""
    return any(ip.version == network.version and ip in network for network in networks)


def is_public(ip: Ip) -> bool:
    """True for an address of the public internet, looking through addresses wrapped in others."""
    inner = _wrapped(ip)
    if inner is not None:
        return is_public(inner)
    return ip.is_global and not ip.is_multicast


def _wrapped(ip: Ip) -> Ip | None:
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
