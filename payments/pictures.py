"""Pictures that anybody may see: their pixels alone are kept, written anew, nothing that came beside them.

A telephone writes into a picture where it was taken, and a small file may hold more pixels than we have room
for.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

LONGEST_SIDE = 4096  # Pixels.
# All that Pillow says of what is broken.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error)
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class NotAPicture(Exception):
    """It is none of the types that are taken, whatever its name, or it is broken."""


class TooLarge(Exception):
    """It is larger than a picture may be."""


class TooLong(TooLarge):
    """One of its sides has more pixels than a picture may have."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept."""

    content: bytes
    type: str


def read(content: bytes, *, largest: int, types: Collection[str]) -> Picture:
    """The picture in a file of `largest` bytes at most, upright, without what else its file says.

    :raises NotAPicture, TooLarge, TooLong: as they say
    """
    if len(content) > largest:
        raise TooLarge
    formats = [name for name, type in _TYPES.items() if type in types]
    try:
        with Image.open(BytesIO(content), formats=formats) as image:
            if max(image.size) > LONGEST_SIDE:  # Its head alone was read up to here.
                raise TooLong
            assert image.format
            return Picture(_written(image, image.format), _TYPES[image.format])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise TooLong from problem
    except _BROKEN as problem:
        raise NotAPicture from problem


def _written(image: Image.Image, format: str) -> bytes:
    upright = ImageOps.exif_transpose(image)
    plain = upright.convert("RGBA" if format != "JPEG" and upright.has_transparency_data else "RGB")
    plain.info.clear()
    kept = BytesIO()
    plain.save(kept, format, quality=85, optimize=True)
    return kept.getvalue()
