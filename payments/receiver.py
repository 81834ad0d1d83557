"""The client of organisations' receivers: one POST to an address that is looked at first. Knows no Django.

The name is resolved here, each of its addresses has to be anybody's to call, and the connection goes to one
of these very addresses: a name that answers otherwise a moment later leads nowhere. No redirect is followed.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import ssl
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from threading import Thread
from time import monotonic
from typing import Any, cast
from urllib.parse import SplitResult, urlsplit

TIMEOUT_SECONDS = 5
SHOWN = 500  # Of an answer.
_MOST_BYTES = 4 * SHOWN
_PORTS = {"https": 443, "http": 80}
# IPv6 addresses that lead to the IPv4 address within them.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Forbidden(Exception):
    """The address is not one that we call."""


class Unreachable(Exception):
    """No answer, or none that can be read: whether it was taken is not known."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a receiver said: its status, and how its words begin."""

    status: int
    text: str


class Receiver:
    """`may_be_here`: on a developer's machine the receiver may be there too, without TLS."""

    def __init__(self, url: str, *, may_be_here: bool = False) -> None:
        """:raises Forbidden: if the address is none that could be called"""
        self._parts = check(url, may_be_here=may_be_here)
        self._may_be_here = may_be_here

    def post(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Hand it over, once.

        :raises Forbidden: if the name leads to an address that nobody outside may call
        :raises Unreachable: if it does not answer in time
        """
        until = monotonic() + TIMEOUT_SECONDS
        try:
            address = self._resolved(until)
            with self._connected(address, until) as connection:
                connection.sendall(self._request(body, headers))
                return _answer(connection, until)
        except (OSError, HTTPException, ValueError) as problem:
            raise Unreachable(type(problem).__name__) from problem

    def _resolved(self, until: float) -> Address:
        host = self._host
        found = _looked_up(host, self._port, until)
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        if not addresses or not all(
            is_public(address) or (self._may_be_here and address.is_loopback) for address in addresses
        ):
            raise Forbidden(host)
        return addresses[0]

    def _connected(self, address: Address, until: float) -> socket.socket:
        plain = socket.create_connection((str(address), self._port), timeout=_left(until))
        try:
            plain.settimeout(_left(until))
            if self._parts.scheme == "http":
                return plain
            return ssl.create_default_context().wrap_socket(plain, server_hostname=self._host)
        except OSError:
            plain.close()
            raise

    def _request(self, body: bytes, headers: dict[str, str]) -> bytes:
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        host = f"[{self._host}]" if ":" in self._host else self._host
        said = {
            "Host": host if self._port == _PORTS[self._parts.scheme] else f"{host}:{self._port}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "User-Agent": "S-Money",
            "Connection": "close",
        } | headers
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()), "", ""]
        return "\r\n".join(lines).encode("ascii") + body

    @property
    def _host(self) -> str:
        assert self._parts.hostname
        return self._parts.hostname

    @property
    def _port(self) -> int:
        return self._parts.port or _PORTS[self._parts.scheme]


class _Until(io.RawIOBase):
    """What comes in on a connection until a moment, however slowly it drips."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._connection, self._until = connection, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_left(self._until))
        return self._connection.recv_into(buffer)


class _Incoming:
    """As much of a socket as `HTTPResponse` asks for."""

    def __init__(self, connection: socket.socket, until: float) -> None:
        self._file: io.BufferedReader[Any] = io.BufferedReader(_Until(connection, until))

    def makefile(self, _mode: str) -> io.BufferedReader[Any]:
        return self._file


def check(url: str, *, may_be_here: bool = False) -> SplitResult:
    """The parts of an address that we may call; its name is looked up only when it is called.

    :raises Forbidden: if it is none: without TLS, with a password, an address inside, or no address at all
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError as problem:
        raise Forbidden(url) from problem
    is_plain = url.isascii() and url.isprintable() and not set(url) & set(' "<>\\^`{|}')
    if not is_plain or not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise Forbidden(url)
    here = _address(host)
    is_here = host == "localhost" or (here is not None and here.is_loopback)
    if may_be_here and is_here and parts.scheme in _PORTS:
        return parts
    if parts.scheme != "https" or is_here or (here is not None and not is_public(here)):
        raise Forbidden(url)
    return parts


def is_public(address: Address) -> bool:
    """Whether it is anybody's to call: not ours, nor a network's own, nor a way round to one of these."""
    inner = _within(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or (isinstance(address, ipaddress.IPv6Address) and (address.is_site_local or address in _LOCAL_NAT64))
    )


def _within(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that one of IPv6 leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _looked_up(host: str, port: int, until: float) -> list[Any]:
    """What the resolver says. It takes no time limit, so it is left behind in a thread of its own.

    :raises TimeoutError: if it says nothing until then
    """
    found: Future[list[Any]] = Future()

    def look() -> None:
        try:
            found.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as problem:
            found.set_exception(problem)

    Thread(target=look, name="receiver-lookup", daemon=True).start()
    return found.result(timeout=_left(until))


def _left(until: float) -> float:
    """:raises TimeoutError: if nothing is"""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _answer(connection: socket.socket, until: float) -> Answer:
    with HTTPResponse(cast("socket.socket", _Incoming(connection, until)), method="POST") as answer:
        answer.begin()
        text = answer.read(_MOST_BYTES).decode("utf-8", "replace").replace("\0", "")
        return Answer(status=answer.status, text=text[:SHOWN])
