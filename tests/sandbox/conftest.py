"""The sandbox, started once for all tests; and receivers of its webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.sandbox.cardholder import Cardholder
from tests.sandbox.outside import Outside, outside
from tests.sandbox.running import Receiver, Sandbox, serve


@pytest.fixture(scope="session")
def service(sandbox: Sandbox) -> dict[str, str]:
    """Headers that speak for the service: its first refresh token, spent."""
    answer = sandbox.token({"grant_type": "refresh_token", "refresh_token": "demo-x-refresh"})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def works_again(sandbox: Sandbox) -> Iterator[None]:
    yield
    for name in ("x", "processor", "sms", "bank"):
        sandbox.send("POST", "/sandbox/faults", {"service": name, "kind": "none"})


@pytest.fixture
def receive() -> Iterator[Callable[[], Receiver]]:
    """Starts receivers; ends them after the test."""
    servers = []

    def begin() -> Receiver:
        server = serve()
        servers.append(server)
        return server.receiver

    yield begin
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def outside_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """A sandbox whose webhooks are heard, shared by tests that use customers and numbers of their own."""
    with outside(tmp_path_factory.mktemp("outside")) as world:
        yield world


@pytest.fixture
def cardholder(outside_world: Outside) -> Cardholder:
    return Cardholder.new(outside_world)


@pytest.fixture
def neighbour(outside_world: Outside) -> Cardholder:
    return Cardholder.new(outside_world)
