"""The stamp: nothing is installed twice, and nothing that changed is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from launch import venv


@pytest.fixture(autouse=True)
def _requirements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for which in ("demo", "dev"):
        (tmp_path / f"{which}.txt").write_text(f"{which}==1")
    monkeypatch.setattr(venv, "REQUIREMENTS", tmp_path)
    monkeypatch.setattr(venv, "STAMP", tmp_path / "installed")


def install(which: str) -> None:
    venv.STAMP.write_text(venv.stamp(which))


class TestIsPrepared:
    @pytest.mark.parametrize(
        ("installed", "needed", "is_enough"),
        [("demo", "demo", True), ("dev", "dev", True), ("dev", "demo", True), ("demo", "dev", False)],
    )
    def test_knows_what_includes_what(self, installed: str, needed: str, is_enough: bool) -> None:
        install(installed)
        assert venv.is_prepared(needed) is is_enough

    def test_sees_that_the_requirements_changed(self, tmp_path: Path) -> None:
        install("demo")
        (tmp_path / "demo.txt").write_text("demo==2")
        assert not venv.is_prepared("demo")

    def test_sees_that_an_installation_was_broken_off(self) -> None:
        assert not venv.is_prepared("demo")
