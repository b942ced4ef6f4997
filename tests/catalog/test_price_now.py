"""A product has one price now, whichever of its choices the merchant has put first."""

from __future__ import annotations

import re

import pytest

from catalog.models import Offer, Product
from catalog.services.products import VariantInput, add_variant, refresh_price
from catalog.services.stock import set_stock
from tests.factories import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def product() -> Product:
    """The dearer choice stands first."""
    made = make_product(title_en="Tasting", price_fen=9000, list_price_fen=20000)
    add_variant(product=made, choice=VariantInput("Small", "", 4000, 5), position=1)
    refresh_price([made.pk])
    return made


def prices(client, product: Product) -> set[object]:
    page = client.get(f"/products/{product.pk}/")
    row = client.get("/api/v1/products").json()["results"][0]
    detail = client.get(f"/api/v1/products/{product.pk}").json()
    card = client.get("/products/?city=").context["list_html"]
    shown = re.search(r"price__sign\">¥</span>([\d,]+)", card.split("card__foot")[1])
    assert shown
    return {
        page.context["best"].offer.price_fen,
        row["price_fen"],
        detail["price_fen"],
        int(shown[1].replace(",", "")) * 100,
    }


def test_page_card_and_api_name_the_cheapest_choice(client, product) -> None:
    assert prices(client, product) == {4000}


def test_once_the_cheapest_is_sold_out_all_name_the_next(client, product) -> None:
    set_stock(variant_id=product.variants.get(name_en="Small").pk, available=0)
    assert prices(client, product) == {9000}


def test_once_no_price_runs_nobody_names_the_old_one(client, product) -> None:
    Offer.objects.filter(product=product).update(active=False)  # the roll-up follows later
    row = client.get("/api/v1/products").json()["results"][0]
    detail = client.get(f"/api/v1/products/{product.pk}").json()
    assert (row["price_fen"], row["sold_out"]) == (None, True)
    assert (detail["price_fen"], detail["sold_out"]) == (None, True)
    card = client.get("/products/?city=").context["list_html"].split('<article class="card')[1]
    assert "Not on sale now" in card
    assert "Sold out" not in card
    assert "¥" not in card.split("</article>")[0]
    assert "Not on sale now" in client.get(f"/products/{product.pk}/").content.decode()
