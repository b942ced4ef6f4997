"""Categories, products, variants, stock and offers."""

from catalog.models.category import Category
from catalog.models.offer import ENDING_SOON, LIMITED_KINDS, Offer, OfferPurchase, OfferQuerySet
from catalog.models.product import Picture, Product, ProductQuerySet
from catalog.models.variant import Stock, Variant

__all__ = [
    "ENDING_SOON",
    "LIMITED_KINDS",
    "Category",
    "Offer",
    "OfferPurchase",
    "OfferQuerySet",
    "Picture",
    "Product",
    "ProductQuerySet",
    "Stock",
    "Variant",
]
