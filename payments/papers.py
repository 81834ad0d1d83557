"""What is handed out as PDF: pages of A4 whose text can be read back, the same bytes for the same content.

The letters are DejaVu Sans, cut down to Latin, Greek and Cyrillic ones (`fonts/`, with its licence): no page
depends on what is installed where it is written or read. Lengths are millimetres.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF

_FONTS = Path(__file__).parent / "fonts"
_STYLES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
_FAMILY = "DejaVu"
_MISSING = "\ufffd"
_MARGIN = 20
_LABEL = 55
_SOFT, _INK, _LINE = 90, 20, 200  # Grey, of 255.


def prints(text: str) -> bool:
    """Whether there are letters for all of it."""
    return all(ord(letter) in _letters() for letter in text)


class Paper:
    """A document that is written from top to bottom; it goes on to another page by itself."""

    def __init__(self, *, title: str, subject: str, at: datetime, language: str = "fr-FR") -> None:
        """`at` is when it was issued: its own date, whenever it is written out."""
        self._pdf = FPDF(format="A4", unit="mm")
        for style, file in _STYLES.items():
            self._pdf.add_font(_FAMILY, style, _FONTS / file)
        self._pdf.set_creation_date(at)
        self._pdf.set_producer("S-Money")
        self._pdf.set_title(title)
        self._pdf.set_subject(subject)
        self._pdf.set_lang(language)
        self._pdf.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self._pdf.set_auto_page_break(auto=True, margin=_MARGIN)
        self._pdf.add_page()

    def title(self, text: str) -> None:
        self._write(text, size=16, style="B")
        self._pdf.ln(2)

    def heading(self, text: str) -> None:
        """What follows, over a line."""
        self._pdf.ln(4)
        self._write(text, size=11, style="B")
        self._pdf.set_draw_color(_LINE)
        self._pdf.line(_MARGIN, self._pdf.get_y() + 0.5, self._pdf.w - _MARGIN, self._pdf.get_y() + 0.5)
        self._pdf.ln(2.5)

    def text(self, text: str) -> None:
        self._write(text, size=10)

    def small(self, text: str) -> None:
        self._write(text, size=8, grey=_SOFT)

    def pair(self, label: str, value: str) -> None:
        """A fact: its name, and beside it what it is, however long."""
        if not value:
            return
        if self._pdf.will_page_break(12):
            self._pdf.add_page()
        self._font(size=9, grey=_SOFT)
        top = self._pdf.get_y()
        self._pdf.multi_cell(_LABEL, 5.5, _printable(label), align="L", new_x="RIGHT", new_y="TOP")
        self._font(size=10)
        self._pdf.set_xy(_MARGIN + _LABEL, top)
        self._pdf.multi_cell(0, 5.5, _printable(value), align="L", new_x="LMARGIN", new_y="NEXT")

    def table(
        self, heads: Sequence[str], lines: Iterable[Sequence[str]], *, widths: Sequence[int], right: set[int]
    ) -> None:
        """Lines beneath their heads, which come again on each page; the columns in `right` end in line."""
        alignment = ["RIGHT" if column in right else "LEFT" for column in range(len(heads))]
        self._font(size=9)
        self._pdf.set_draw_color(_LINE)
        with self._pdf.table(
            col_widths=tuple(widths),
            text_align=tuple(alignment),
            borders_layout="HORIZONTAL_LINES",
            line_height=5.5,
        ) as table:
            for line in (heads, *lines):
                row = table.row()
                for cell in line:
                    row.cell(_printable(cell))

    def space(self, height: int) -> None:
        self._pdf.ln(height)

    def written(self) -> bytes:
        return bytes(self._pdf.output())

    def _write(self, text: str, *, size: int, style: str = "", grey: int = _INK) -> None:
        self._font(size=size, style=style, grey=grey)
        self._pdf.multi_cell(0, size * 0.53, _printable(text), align="L", new_x="LMARGIN", new_y="NEXT")

    def _font(self, *, size: int, style: str = "", grey: int = _INK) -> None:
        self._pdf.set_font(_FAMILY, "B" if style == "B" else "", size)
        self._pdf.set_text_color(grey)


def _printable(text: str) -> str:
    """The text, with a mark in the place of what there are no letters for; forms end lines by two signs."""
    lines = "\n".join(text.splitlines()).replace("\t", " ")
    return "".join(letter if ord(letter) in _letters() else _MISSING for letter in lines)


@cache
def _letters() -> frozenset[int]:
    """What both styles have letters for; a new line breaks one."""
    have = [set(TTFont(_FONTS / file).getBestCmap()) for file in _STYLES.values()]
    return frozenset(set.intersection(*have) | {ord("\n")})
