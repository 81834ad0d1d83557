"""A product's picture: read by what it is, and served as that and nothing else."""

from __future__ import annotations

from payments import pictures
from payments.pictures import Picture
from shop.models import Product
from shop.models.products import LARGEST_PICTURE


def read(content: bytes) -> Picture:
    """:raises pictures.NotAPicture, pictures.TooLarge, pictures.TooLong: as they say"""
    return pictures.read(content, largest=LARGEST_PICTURE, types=Product.Picture.values)
