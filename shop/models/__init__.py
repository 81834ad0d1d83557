"""What organisations sell, and who bought it."""

from shop.models.products import Product, StockMove, Variant
from shop.models.purchases import Basket, Purchase, SavedAddress

__all__ = ["Basket", "Product", "Purchase", "SavedAddress", "StockMove", "Variant"]
