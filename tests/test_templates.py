"""What holds for every template: it compiles, and nothing in it needs a hole in the content policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

FOLDER = Path(__file__).resolve().parent.parent / "templates"
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
NEEDS_A_HOLE = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=",
    "an htmx event attribute, which evaluates": r"\bhx-on\b",
    "a script without a file": r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)",
    "an address of somebody else's": r"(?:src|href)=\"(?:https?:)?//",
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_obeys_the_content_policy(name: str) -> None:
    source = (FOLDER / name).read_text()
    assert [what for what, pattern in NEEDS_A_HOLE.items() if re.search(pattern, source)] == []


def test_styles_fetch_nothing_from_elsewhere() -> None:
    for sheet in FOLDER.with_name("static").rglob("*.css"):
        assert not re.search(r"@import|@font-face|url\(\"?(?:https?:)?//", sheet.read_text()), sheet.name
