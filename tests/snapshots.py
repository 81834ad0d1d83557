"""Pictures as members upload them, made when they are asked for."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import Image

ORIENTATION, MAKER = 0x0112, 0x010F


@cache
def snapshot(
    format: str = "JPEG", *, size: tuple[int, int] = (8, 4), maker: str = "", turned: bool = False
) -> bytes:
    """A picture, with what its camera says of itself and of how it was held, if anything."""
    told = Image.Exif()
    if maker:
        told[MAKER] = maker
    if turned:
        told[ORIENTATION] = 6
    file = BytesIO()
    Image.new("RGB", size, (12, 120, 90)).save(file, format, exif=told)
    return file.getvalue()
