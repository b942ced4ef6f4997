"""A product and its prices as schema.org data: what the page says, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.cache import cache
from django.urls import reverse

from catalog.models import Category, Product
from catalog.product_page import Choice
from kernel.cache import keys as cache_keys
from kernel.http.seo.public import absolute
from kernel.http.seo.structured import CONTEXT, Thing, rating, thing, yuan
from stores.models import Store

CURRENCY = "CNY"
BUSINESSES = {
    "restaurants": "Restaurant",
    "coffee": "CafeOrCoffeeShop",
    "beauty": "BeautySalon",
    "fitness": "ExerciseGym",
    "cinema": "MovieTheater",
    "hotel": "Hotel",
    "produce": "GroceryStore",
    "kids": "EntertainmentBusiness",
    "car-care": "AutoWash",
    "pets": "PetStore",
}
ANY_BUSINESS = "LocalBusiness"
TRADE_SECONDS = 600


def product_data(
    product: Product, choices: Sequence[Choice], pictures: Sequence[dict[str, Any]]
) -> Thing:
    """The product of a page with the price of every choice that the page offers."""
    here = absolute(reverse("product_detail", args=[product.pk]))
    offers = [_offer(product, choice, here) for choice in choices]
    return thing(
        "Product",
        **{"@id": f"{here}#product"},
        name=product.title,
        description=" ".join(product.description.split()),
        url=here,
        sku=str(product.pk),
        category=product.category.name,
        image=[absolute(picture["src"]) for picture in pictures if picture["src"]],
        brand=thing("Brand", name=product.merchant.name),
        offers=offers[0] if len(offers) == 1 else offers,
        aggregateRating=rating(product.rating, product.rating_count),
    )


def _offer(product: Product, choice: Choice, here: str) -> Thing:
    offer = choice.offer
    return thing(
        "Offer",
        name=choice.variant.name,
        url=here,
        price=yuan(offer.price_fen),
        priceCurrency=CURRENCY,
        availability=f"{CONTEXT}/{_availability(choice)}",
        validFrom=offer.starts_at.isoformat() if offer.starts_at else None,
        priceValidUntil=offer.ends_at.isoformat() if offer.ends_at else None,
        seller=thing("Organization", name=product.merchant.name),
    )


def _availability(choice: Choice) -> str:
    if choice.sold_out:
        return "SoldOut"
    return "LimitedAvailability" if choice.few_left else "InStock"


def business_kind(store: Store) -> str:
    """The kind of business a store is, by the trade of its merchant's first category."""
    key = cache_keys.trade(merchant_id=store.merchant_id)
    trade: str | None = cache.get(key)
    if trade is None:
        trade = _trade(store.merchant_id)
        cache.set(key, trade, TRADE_SECONDS)
    return BUSINESSES.get(trade, ANY_BUSINESS)


def _trade(merchant_id: int) -> str:
    categories = Category.objects.filter(products__merchant=merchant_id)
    first = categories.select_related("parent").order_by("position", "id").first()
    return (first.parent or first).trade if first else ""
