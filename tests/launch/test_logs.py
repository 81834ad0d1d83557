"""Logs: what went wrong is said once, in a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from launch import logs


@pytest.fixture
def follower(tmp_path: Path) -> logs.Follower:
    return logs.Follower(tmp_path / "web.log")


class TestComplaints:
    @pytest.mark.parametrize(
        ("text", "complaints"),
        [
            ('{"level": "INFO", "message": "Paid"}\n', []),
            ('{"level": "ERROR", "message": "No answer"}\n', ["No answer"]),
            ('{"level": "ERROR", "message": "Oh", "exception": "…\\nKeyError: 1"}\n', ["Oh KeyError: 1"]),
            ("Traceback (most recent call last):\n  File x\n    y()\nValueError: bad\n", ["ValueError: bad"]),
            ("2026-11-21 LOG:  ready\n2026-11-21 FATAL:  no disk\n", ["2026-11-21 FATAL:  no disk"]),
            ("ERROR:    address already in use\n", ["ERROR:    address already in use"]),
            ('{"level": "ERROR", "mess', []),
        ],
    )  # fmt: skip
    def test_are_the_errors_of_each_kind_of_log(
        self, follower: logs.Follower, text: str, complaints: list[str]
    ) -> None:
        follower.path.write_text(text)
        assert list(follower.complaints()) == complaints

    def test_are_said_once(self, follower: logs.Follower) -> None:
        follower.path.write_text("ERROR: lost 1\nERROR: lost 2\n")
        assert list(follower.complaints()) == ["ERROR: lost 1"]
        assert list(follower.complaints()) == []

    def test_wait_for_the_end_of_a_line(self, follower: logs.Follower) -> None:
        follower.path.write_text("ERROR: lo")
        assert list(follower.complaints()) == []
        follower.path.write_text("ERROR: lost\n")
        assert list(follower.complaints()) == ["ERROR: lost"]


class TestFollower:
    def test_puts_a_large_log_aside(self, tmp_path: Path) -> None:
        log = tmp_path / "web.log"
        log.write_bytes(b"x" * (logs.LARGEST_BYTES + 1))
        logs.Follower(log)
        assert not log.exists()
        assert (tmp_path / "web.log.1").exists()
