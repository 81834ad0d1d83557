"""A product's picture: its type is what its first bytes say, and it is served as that and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from shop.models import Product
from shop.models.products import LARGEST_PICTURE


class NotAPicture(Exception):
    """It is neither JPEG nor PNG nor WebP, whatever its name."""


class TooLarge(Exception):
    """It is larger than a picture may be."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept."""

    content: bytes
    type: Product.Picture


def read(content: bytes) -> Picture:
    """:raises NotAPicture, TooLarge: as they say"""
    if len(content) > LARGEST_PICTURE:
        raise TooLarge
    if content.startswith(b"\xff\xd8\xff"):
        return Picture(content, Product.Picture.JPEG)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Picture(content, Product.Picture.PNG)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return Picture(content, Product.Picture.WEBP)
    raise NotAPicture
