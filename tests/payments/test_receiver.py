"""Which addresses are called, and which never: not ours, not a network's own, however they are written."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from typing import Any

import pytest

from payments import receiver
from tests.payments.receiving import Program, program

__all__ = ["program"]

INSIDE = (
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001:0:7f00:1::",
    "2002:7f00:1::",
    "2002:a00:1::",
    "fc00::1",
    "fd00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
)
OUTSIDE = ("8.8.8.8", "1.1.1.1", "193.0.6.139", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8")
# Numbers that a resolver reads as an address inside.
DISGUISED = ("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "017700000001", "0")


def answers(*addresses: str) -> Any:
    """A resolver for which every name leads there."""

    def resolve(_host: str, port: int, **_: Any) -> list[Any]:
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port),
            )
            for address in addresses
        ]

    return resolve


class TestAddress:
    @pytest.mark.parametrize("address", INSIDE)
    def test_inside_is_not_called(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not receiver.is_public(ipaddress.ip_address(address))
        host = f"[{address}]" if ":" in address else address
        with pytest.raises(receiver.Forbidden):
            receiver.check(f"https://{host}/")
        monkeypatch.setattr(socket, "getaddrinfo", answers(address))
        with pytest.raises(receiver.Forbidden):
            receiver.Receiver("https://innocent.example/").post(b"{}", {})

    @pytest.mark.parametrize("address", OUTSIDE)
    def test_outside_is(self, address: str) -> None:
        assert receiver.is_public(ipaddress.ip_address(address))

    @pytest.mark.parametrize("number", DISGUISED)
    def test_in_disguise_is_seen_through(self, number: str) -> None:
        """No name is looked up: the resolver reads the number itself."""
        with pytest.raises(receiver.Forbidden):
            receiver.Receiver(f"https://{number}/").post(b"{}", {})

    def test_among_others_spoils_the_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8", "10.0.0.1"))
        with pytest.raises(receiver.Forbidden):
            receiver.Receiver("https://two.example/").post(b"{}", {})

    def test_that_was_looked_at_is_the_one_that_is_called(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A name that answers otherwise the second time leads nowhere."""
        called: list[object] = []

        def connect(address: object, **_: Any) -> None:
            called.append(address)
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "getaddrinfo", answers("8.8.8.8"))
        monkeypatch.setattr(socket, "create_connection", connect)
        with pytest.raises(receiver.Unreachable):
            receiver.Receiver("https://rebinding.example:8443/").post(b"{}", {})
        assert called == [("8.8.8.8", 8443)]

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.org/",
            "ftp://example.org/",
            "https://user:secret@example.org/",
            "https://@example.org/",
            "https:///path",
            "https://localhost/",
            "https://example.org:99999/",
            "https://example.org/#part",
            "https://exa mple.org/",
            "https://example.org/\r\nX: y",
            "https://exämple.org/",
            "https://[::1",
            "//example.org/",
            "example.org",
            "",
        ],
    )
    def test_of_another_form_is_refused(self, url: str) -> None:
        with pytest.raises(receiver.Forbidden):
            receiver.check(url)

    def test_here_is_for_a_developer_alone(self, program: Program) -> None:
        with pytest.raises(receiver.Forbidden):
            receiver.Receiver(program.url)
        assert receiver.Receiver(program.url, may_be_here=True).post(b"{}", {}).status == 200

    @pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "0.0.0.0", "fd00::1"])
    def test_elsewhere_inside_is_not_for_a_developer_either(
        self, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", answers(address))
        with pytest.raises(receiver.Forbidden):
            receiver.Receiver("https://innocent.example/", may_be_here=True).post(b"{}", {})


class TestPost:
    def test_hands_over_body_and_headers_and_reads_the_answer(self, program: Program) -> None:
        program.text = ("é" * 1000).encode()
        answer = receiver.Receiver(program.url, may_be_here=True).post(b'{"a": 1}', {"S-Money-Event": "7"})
        assert (answer.status, answer.text) == (200, "é" * 500)
        (told,) = program.told
        assert (told.path, told.body, told.headers["S-Money-Event"]) == ("/hook?a=b", b'{"a": 1}', "7")
        assert told.headers["Host"] in program.url

    def test_follows_no_redirect(self, program: Program) -> None:
        program.statuses, program.headers = [302], {"Location": "http://169.254.169.254/latest/"}
        assert receiver.Receiver(program.url, may_be_here=True).post(b"{}", {}).status == 302
        assert len(program.told) == 1

    def test_waits_for_no_drips(self, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(receiver, "TIMEOUT_SECONDS", 1)
        program.text, program.drips_seconds = b"x" * 400, 4
        with pytest.raises(receiver.Unreachable):
            receiver.Receiver(program.url, may_be_here=True).post(b"{}", {})

    def test_waits_for_no_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A resolver takes no time limit."""
        answered = threading.Event()
        monkeypatch.setattr(receiver, "TIMEOUT_SECONDS", 0.2)
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(20) or [])
        begun = time.monotonic()
        with pytest.raises(receiver.Unreachable, match="TimeoutError"):
            receiver.Receiver("https://slow.example/").post(b"{}", {})
        assert time.monotonic() - begun < 5
        answered.set()

    def test_keeps_no_character_that_the_database_refuses(self, program: Program) -> None:
        program.text = b"a\0b\xff"
        answer = receiver.Receiver(program.url, may_be_here=True).post(b"{}", {})
        assert answer.text == "ab\ufffd"

    def test_finds_nobody_at_a_closed_door(self, program: Program) -> None:
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{door.getsockname()[1]}/"
            with pytest.raises(receiver.Unreachable):
                receiver.Receiver(url, may_be_here=True).post(b"{}", {})
