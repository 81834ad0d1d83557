"""`./run messages`: finds every string that is to be translated, and says which have no French.

Babel reads templates too, through Django's own `templatize`: no gettext programs are needed.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message, mofile, pofile
from babel.messages.extract import extract
from django.utils.translation.template import templatize

from launch import place
from launch.progress import say

PACKAGES = ("accounts", "payments", "giving", "shop", "social", "smoney")
TEMPLATES = {".html", ".txt", ".svg"}
LANGUAGE = "fr"
CATALOG = Path("locale") / LANGUAGE / "LC_MESSAGES" / "django.po"
WIDTH = 100

# What marks a string, and which of its arguments are words (c: context).
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "_lazy", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def main(args: list[str]) -> int:
    merged, is_new = merge(place.ROOT)
    if "--check" not in args and is_new:
        write(merged, place.ROOT / CATALOG)
    lacking = lacking_in(merged)
    for message in lacking:
        say(f"No French for {message.id!r} ({', '.join(sorted({file for file, _ in message.locations}))})")
    if is_new and "--check" in args:
        say(f"{CATALOG} is not what the sources say: ./run messages brings it up to date.")
    say(f"{len(merged)} messages, {len(lacking)} without French.")
    return int("--check" in args and bool(lacking or is_new))


def compile_stale() -> None:
    """Compile the catalogs that are newer than what Django reads."""
    for path in (place.ROOT / "locale").rglob("*.po"):
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            fresh = compiled.with_suffix(f".{os.getpid()}")  # Others may compile it at this moment.
            with fresh.open("wb") as file:
                mofile.write_mo(file, read(path))
            fresh.replace(compiled)


def merge(root: Path) -> tuple[Catalog, bool]:
    """The sources' messages with the translations that there are; and whether the file has other messages."""
    path = root / CATALOG
    merged = read(path) if path.exists() else Catalog(LANGUAGE, fuzzy=False)
    before = {identity(message) for message in merged if message.id}
    found = collect(root)
    merged.update(found, no_fuzzy_matching=True, update_creation_date=False)
    merged.obsolete.clear()
    return merged, before != {identity(message) for message in found if message.id}


def collect(root: Path) -> Catalog:
    """Every message of the product's Python and templates, with the file it is in."""
    catalog = Catalog()
    for path in sources(root):
        text = path.read_text(encoding="utf-8")
        for words, comments, context in in_text(text, is_template=path.suffix != ".py"):
            where = [(str(path.relative_to(root)), 0)]
            catalog.add(words, locations=where, auto_comments=comments, context=context)
    return catalog


def sources(root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted(path for path in (root / package).rglob("*.py") if "migrations" not in path.parts)
    for folder in (root / "templates", *(root / package for package in PACKAGES)):
        yield from sorted(path for path in folder.rglob("*") if path.suffix in TEMPLATES)


def in_text(text: str, *, is_template: bool) -> Iterator[tuple[str | tuple[str, ...], list[str], str | None]]:
    """Yield (words, comments for translators, context) of each marked string."""
    if is_template:
        # Python's tokenizer stumbles over the indentation of HTML.
        text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
    found = extract("python", io.BytesIO(text.encode()), KEYWORDS, ["Translators"], {"encoding": "utf-8"})
    for _line, words, comments, context in found:
        if words:
            yield words, comments, context


def lacking_in(catalog: Catalog) -> list[Message]:
    """The messages without words in the catalog's language, or with doubtful ones."""
    return [message for message in catalog if message.id and (message.fuzzy or not all(_forms(message)))]


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return pofile.read_po(file, locale=LANGUAGE)


def write(catalog: Catalog, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        pofile.write_po(
            file, catalog, width=WIDTH, sort_by_file=True, include_lineno=False, omit_header=False
        )


def identity(message: Message) -> tuple[object, ...]:
    return (message.context, message.id if isinstance(message.id, str) else tuple(message.id))


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
