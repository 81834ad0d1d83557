"""Choices: made once, kept to their owner, never made anew beside data that needs the old ones."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from launch import choices, environment


class TestLoad:
    def test_gives_what_was_saved(self, tmp_path: Path) -> None:
        chosen = choices.Choices(site_port=8123)
        choices.save(chosen, tmp_path)
        assert choices.load(tmp_path) == chosen

    def test_makes_other_secrets_for_another_folder(self, tmp_path: Path) -> None:
        assert choices.load(tmp_path).code_pepper != choices.load(tmp_path).code_pepper

    def test_refuses_data_whose_keys_are_lost(self, tmp_path: Path) -> None:
        (tmp_path / "postgres-18").mkdir()
        with pytest.raises(choices.KeysLost, match="--fresh"):
            choices.load(tmp_path)


class TestSave:
    def test_keeps_secrets_to_their_owner(self, tmp_path: Path) -> None:
        choices.save(choices.Choices(), tmp_path)
        assert stat.S_IMODE((tmp_path / choices.FILE).stat().st_mode) == 0o600


class TestEnvironment:
    def test_comes_back_as_it_was_written(self, tmp_path: Path) -> None:
        variables = environment.of(choices.Choices(site_port=8123), folder=tmp_path) | {
            "NOTE": "it's “so”\tor $so"
        }
        environment.write(variables, tmp_path / "demo.env")
        read = environment.read(tmp_path / "demo.env")
        assert {name: read[name] for name in variables} == variables

    def test_gives_each_demo_its_own_cookies(self, tmp_path: Path) -> None:
        variables = environment.of(choices.Choices(site_port=8123), folder=tmp_path)
        assert variables["SESSION_COOKIE_NAME"] == "smoney_session_8123"
