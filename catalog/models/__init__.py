"""Categories, products, variants, stock and offers."""

from catalog.models.category import Category
from catalog.models.history import PricePeriod
from catalog.models.listing import ListingFact
from catalog.models.offer import ENDING_SOON, LIMITED_KINDS, Offer, OfferPurchase, OfferQuerySet
from catalog.models.product import Picture, Product, ProductOccasion, ProductQuerySet
from catalog.models.stock import Stock, StockDiscrepancy, StockLevel, StockMovement
from catalog.models.variant import Variant

__all__ = [
    "ENDING_SOON",
    "LIMITED_KINDS",
    "Category",
    "ListingFact",
    "Offer",
    "OfferPurchase",
    "OfferQuerySet",
    "Picture",
    "PricePeriod",
    "Product",
    "ProductOccasion",
    "ProductQuerySet",
    "Stock",
    "StockDiscrepancy",
    "StockLevel",
    "StockMovement",
    "Variant",
]
