"""The environment: every knob is explained, and a bad value stops the start with one sentence."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from smoney import env

ROOT = Path(settings.ROOT)


def read_by_settings() -> set[str]:
    """The names that settings.py asks `env` for."""
    calls = [
        node
        for node in ast.walk(ast.parse((ROOT / "smoney/settings.py").read_text()))
        if isinstance(node, ast.Call)
    ]
    return {
        ast.literal_eval(call.args[0])
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
    }


class TestExample:
    def test_explains_every_knob(self) -> None:
        explained = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
        assert len(explained) == len(set(explained))
        assert set(explained) == read_by_settings()


class TestText:
    def test_is_read_from_a_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("from the file\n")
        monkeypatch.setenv("KNOB", "from the environment")
        monkeypatch.setenv("KNOB_FILE", str(tmp_path / "secret"))
        assert env.text("KNOB") == "from the file"

    def test_says_which_file_is_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KNOB_FILE", "/nowhere/secret")
        with pytest.raises(ImproperlyConfigured, match="KNOB_FILE=/nowhere/secret cannot be read"):
            env.text("KNOB")

    def test_says_what_to_set(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="Set KNOB"):
            env.text("KNOB")


class TestRefusals:
    @pytest.mark.parametrize(
        ("read", "value"),
        [
            ("flag", "maybe"),
            ("flag", ""),
            ("number", "12s"),
            ("number", "-1"),
            ("number", "١٢"),
            ("number", "9" * 5000),
            ("address", "s-money.example"),
            ("address", "ftp://s-money.example"),
            ("address", "https://"),
            ("address", "http://["),
            ("address", "http://host:port"),
            ("database", "mysql://host/name"),
            ("database", "host"),
            ("database", "postgres://app@host:port/name"),
            ("database", "postgres://[app@host/name"),
            ("email", "http://host"),
            ("email", "smtp://host:port"),
        ],
    )
    def test_are_one_sentence_with_the_name(
        self, monkeypatch: pytest.MonkeyPatch, read: str, value: str
    ) -> None:
        monkeypatch.setenv("KNOB", value)
        default = {"number": (1,), "email": ("smtp://localhost",)}.get(read, ())
        with pytest.raises(ImproperlyConfigured, match="KNOB"):
            getattr(env, read)("KNOB", *default)

    def test_never_show_a_password(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KNOB", "postgres://app:hunter2@host:port/name")
        with pytest.raises(ImproperlyConfigured) as refusal:
            env.database("KNOB")
        assert "hunter2" not in str(refusal.value)


class TestStart:
    @pytest.mark.parametrize(
        "command",
        [
            ["manage.py", "check"],
            ["-m", "celery", "--app", "smoney", "worker"],
            ["-m", "celery", "--app", "smoney", "beat"],
            ["-m", "uvicorn", "smoney.asgi:application"],
        ],
        ids=" ".join,
    )
    def test_is_stopped_by_a_sentence_and_no_traceback(self, command: list[str]) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "CODE_PEPPER"}
        ended = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode != 0
        assert "Set CODE_PEPPER (or CODE_PEPPER_FILE); .env.example explains it." in ended.stderr
        assert "Traceback" not in ended.stderr + ended.stdout
