"""Addresses as QR codes, drawn by ourselves: a page fetches nothing for them, and prints them sharply."""

from __future__ import annotations

from dataclasses import dataclass

import qrcode
from qrcode.constants import ERROR_CORRECT_M


@dataclass(frozen=True)
class Drawing:
    """A square of so many modules a side, its quiet zone with it, and the path of the dark ones (SVG)."""

    size: int
    path: str


def drawn(address: str) -> Drawing:
    """The address as a QR code: of what is torn or stained 15 % may be missing."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M)
    code.add_data(address)
    code.make()
    rows = code.get_matrix()
    dark = [(x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]
    return Drawing(size=len(rows), path="".join(f"M{x} {y}h1v1h-1z" for x, y in dark))
