"""The shelves of the home page: many merchants, ratings with weight, what can be bought first."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.core.cache import cache
from django.test import Client

from catalog.home import shelf as arrange
from catalog.models import Product, Stock
from catalog.services.prices import refresh_price
from catalog.services.products import VariantInput, add_variant
from tests.factories import (
    make_city,
    make_limited_offer,
    make_merchant,
    make_product,
    make_store,
    variant_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return make_city(featured=True)


def shop(city):
    return make_store(city=city, merchant=make_merchant())


def rate(product: Product, *, stars: int, reviews: int) -> Product:
    Product.objects.filter(pk=product.pk).update(
        rating_sum=stars,
        rating_count=reviews,
        rating_score=100 * stars // reviews,
    )
    return product


def shelf(name: str) -> list[str]:
    html = Client().get("/").content.decode()
    part = html.split(f'aria-labelledby="{name}"')[1].split("</section>")[0]
    return [piece.split("</a>")[0].rsplit(">", 1)[1] for piece in part.split("card__link")[1:]]


def test_one_merchant_does_not_fill_a_shelf(city) -> None:
    pets = shop(city)
    for number in range(30):
        make_product(stores=[pets], title_en=f"Pets {number}")
    others = [make_product(stores=[shop(city)], title_en=f"Other {n}") for n in range(3)]
    for number in range(12):
        make_product(stores=[pets], title_en=f"Late pets {number}")
    shown = shelf("newest")
    assert sum("ets" in title for title in shown) == 2
    assert {other.title_en for other in others} <= set(shown)


def test_one_review_of_five_stars_does_not_lead(city) -> None:
    rate(make_product(stores=[shop(city)], title_en="Single"), stars=5, reviews=1)
    rate(make_product(stores=[shop(city)], title_en="Loved"), stars=193, reviews=40)
    rate(make_product(stores=[shop(city)], title_en="Poor"), stars=60, reviews=20)
    assert shelf("rated") == ["Loved", "Single", "Poor"]


def test_what_is_sold_out_stands_last(city) -> None:
    first = make_product(stores=[shop(city)], title_en="First")
    gone = make_product(stores=[shop(city)], title_en="Gone")
    Stock.objects.filter(variant=variant_of(gone)).update(available=0)
    refresh_price([gone.pk])
    assert shelf("newest") == [first.title_en, gone.title_en]


def test_a_limited_price_that_nobody_can_have_is_on_no_shelf_of_them(city) -> None:
    """Another choice of the product is left, at its normal price: that is what the card says."""
    product = make_product(stores=[shop(city)], title_en="Two ways", price_fen=5000)
    make_limited_offer(product, price_fen=3000)
    assert shelf("limited") == ["Two ways"]
    Stock.objects.filter(variant=variant_of(product)).update(available=0)
    add_variant(product=product, choice=VariantInput(price_fen=4500, available=5, name_en="Other"))
    cache.clear()
    assert 'aria-labelledby="limited"' not in Client().get("/").content.decode()


def test_like_drawings_do_not_stand_side_by_side(city) -> None:
    def card(pk: int, icon: str, sold_out: bool = False) -> dict:
        return {"id": pk, "icon": icon, "picture": "", "sold_out": sold_out}

    cards = [card(1, "pet"), card(2, "pet"), card(3, "food"), card(4, "pet"), card(5, "tea")]
    merchants = {pk: pk for pk in range(1, 6)}
    icons = [each["icon"] for each in arrange(cards, merchants)]
    assert all(one != other for one, other in pairwise(icons))
    assert sorted(icons) == ["food", "pet", "pet", "pet", "tea"]
