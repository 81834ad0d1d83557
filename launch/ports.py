"""Chooses ports on loopback; what one launcher has chosen no other does, even in the same instant."""

from __future__ import annotations

import atexit
import errno
import socket
import sys

HIGHEST = 65535

# Names in Linux's abstract space belong to the same network as ports, and go when their process ends.
_claims: dict[int, socket.socket] = {}


class NoFreePort(Exception):
    """There is no free port from the preferred one upwards."""


def choose(preferred: int) -> int:
    """The preferred port if it is free, else the next that is; it stays ours until this process ends.

    :raises NoFreePort: if all are taken
    """
    for port in range(preferred, HIGHEST + 1):
        if claim(port):
            return port
    raise NoFreePort(preferred)


def claim(port: int) -> bool:
    """Whether the port was free; from now on it is nobody's but ours, and ours for one thing."""
    if port in _claims:
        return False
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        if sys.platform == "linux":
            mark.bind(f"\0s-money-port-{port}")
    except OSError:
        mark.close()
        return False
    if not is_free(port):
        mark.close()
        return False
    _claims[port] = mark
    return True


@atexit.register
def release() -> None:
    """Give back every claim; at the end of the process too, or Python warns of each."""
    while _claims:
        _claims.popitem()[1].close()


def is_free(port: int) -> bool:
    """Whether nobody listens there on either loopback: a browser may take `localhost` for ::1."""
    return _can_bind(socket.AF_INET, "127.0.0.1", port) and _can_bind(socket.AF_INET6, "::1", port)


def _can_bind(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # Connections of the last run that still fade away do not count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as problem:
        return problem.errno not in {errno.EADDRINUSE, errno.EACCES}
    return True
