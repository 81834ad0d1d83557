"""Where things are in this checkout; what is made lies in `.venv` and `.data`, which git ignores."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
DATA = ROOT / ".data"
REQUIREMENTS = ROOT / "requirements"
PYTHON = VENV / "bin" / "python"


def program(name: str) -> str:
    """The path of a program that was installed with the requirements."""
    return str(VENV / "bin" / name)
