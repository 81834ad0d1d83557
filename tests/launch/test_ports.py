"""Ports: the preferred one where it is free, and never the same twice."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from launch import choices, place, ports


@pytest.fixture(autouse=True)
def _claims_given_back() -> Iterator[None]:
    yield
    ports.release()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def listener(free_port: int) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", free_port)):
        yield free_port


class TestChoose:
    def test_takes_the_preferred_port_where_it_is_free(self, free_port: int) -> None:
        assert ports.choose(free_port) == free_port

    def test_goes_on_to_the_next_where_somebody_listens(self, listener: int) -> None:
        assert ports.choose(listener) > listener

    def test_gives_no_port_twice(self, free_port: int) -> None:
        assert ports.choose(free_port) != ports.choose(free_port)

    def test_minds_a_listener_on_the_other_loopback(self, free_port: int) -> None:
        with socket.create_server(("::1", free_port), family=socket.AF_INET6):
            assert not ports.is_free(free_port)

    def test_gives_no_port_that_another_launcher_has_chosen(self, free_port: int) -> None:
        script = f"from launch import ports; print(ports.choose({free_port})); input()"
        with subprocess.Popen(
            [sys.executable, "-c", script], cwd=place.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as other:
            assert other.stdout
            assert int(other.stdout.readline()) == free_port
            assert ports.choose(free_port) != free_port
            other.communicate(b"\n")
        assert ports.claim(free_port)


class TestTakePorts:
    def test_says_what_had_to_change(self, listener: int) -> None:
        chosen = choices.Choices(site_port=listener)
        changes = choices.take_ports(chosen, ("site_port",))
        assert changes == [f"Port {listener} is taken: site has {chosen.site_port}."]

    def test_refuses_a_wish_that_cannot_be_met(self, listener: int) -> None:
        with pytest.raises(ports.NoFreePort, match=f"Port {listener} is taken"):
            choices.take_ports(choices.Choices(), ("site_port",), site_port=listener)
