"""A product has one price now, whichever of its choices the merchant has put first."""

from __future__ import annotations

import datetime as dt
import itertools
import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.cards import price_now
from catalog.models import ListingFact, Offer, Product, Stock, Variant
from catalog.services.prices import refresh_price
from catalog.services.products import VariantInput, add_variant
from catalog.services.stock import Wanted, give_back_stock, set_stock, take_stock
from kernel.clock import now
from kernel.outbox.models import OutboxEvent
from tests.factories import make_limited_offer, make_product, make_user

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


def test_once_the_cheapest_is_sold_out_all_name_the_next(client, product, drain) -> None:
    set_stock(variant_id=product.variants.get(name_en="Small").pk, available=0)
    drain()
    assert prices(client, product) == {9000}


def test_once_no_price_runs_nobody_names_the_old_one(client, product) -> None:
    Offer.objects.filter(product=product).update(active=False)
    # As when its last price ends: the key that lists sort by follows later.
    ListingFact.objects.filter(product=product).update(until=now())
    row = client.get("/api/v1/products").json()["results"][0]
    detail = client.get(f"/api/v1/products/{product.pk}").json()
    assert (row["price_fen"], row["sold_out"]) == (None, True)
    assert (detail["price_fen"], detail["sold_out"]) == (None, True)
    card = client.get("/products/?city=").context["list_html"].split('<article class="card')[1]
    assert "Not on sale now" in card
    assert "Sold out" not in card
    assert "¥" not in card.split("</article>")[0]
    assert "Not on sale now" in client.get(f"/products/{product.pk}/").content.decode()


def take(product: Product, quantity: int) -> Wanted:
    """Somebody buys pieces of the small choice."""
    offer = Offer.objects.get(product=product, variant__name_en="Small", active=True)
    wanted = Wanted(offer.pk, offer.variant_id, quantity)
    with transaction.atomic():
        take_stock(buyer_id=make_user().pk, wanted=[wanted])
    return wanted


def running(product: Product) -> list[Offer]:
    rows = Offer.objects.running().filter(product=product)
    return list(rows.select_related("variant__stock").order_by("price_fen", "id"))


def rolled_up(product: Product) -> int | None:
    product.refresh_from_db()
    return product.price_fen


def test_lists_follow_a_choice_that_sells_out_and_comes_back(product, drain) -> None:
    take(product, 4)
    assert not OutboxEvent.objects.filter(topic="stock.turned").exists(), "one is left"
    last = take(product, 1)
    drain()
    assert rolled_up(product) == 9000
    give_back_stock(buyer_id=make_user().pk, returned=[last])
    drain()
    assert rolled_up(product) == 4000
    for available, price in ((0, 9000), (None, 4000), (0, 9000), (3, 4000)):
        set_stock(variant_id=product.variants.get(name_en="Small").pk, available=available)
        drain()
        assert rolled_up(product) == price


def test_only_the_first_and_the_last_piece_tell_anybody(product) -> None:
    """A sale that leaves some on the shelf writes nothing more than it did."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        taken = take(product, 2)
        give_back_stock(buyer_id=make_user().pk, returned=[taken])
        set_stock(variant_id=taken.variant_id, available=9)
    assert not any("outbox" in query["sql"] for query in queries)
    assert not any('UPDATE "catalog_product"' in query["sql"] for query in queries)


def test_sorting_and_filtering_go_by_the_price_that_is_shown(client, product, drain) -> None:
    """The product's small choice, for ¥40, is gone: it costs ¥90, more than the other's ¥55."""
    other = make_product(title_en="Broth", price_fen=5500)
    take(product, 5)
    drain()
    url = "/api/v1/products?sort="
    for sort, order in (("price", [other.pk, product.pk]), ("-price", [product.pk, other.pk])):
        assert [row["id"] for row in client.get(url + sort).json()["results"]] == order
    found = client.get("/api/v1/products?max_price_fen=6000").json()["results"]
    assert [row["id"] for row in found] == [other.pk]
    found = client.get("/api/v1/products?min_price_fen=6000").json()["results"]
    assert [row["id"] for row in found] == [product.pk]
    client.force_login(make_user("operator"))
    html = client.get("/admin/catalog/product/").content.decode()
    assert "¥90" in html
    assert "¥40" not in html


def test_with_everything_sold_out_the_cheapest_running_price_is_named(client, product) -> None:
    Stock.objects.update(available=0)
    refresh_price()
    assert rolled_up(product) == 4000
    assert prices(client, product) == {4000}


STOCKS = (None, 0, 3, "no row")
OFFERS = ("normal only", "cheap and running", "cheap and sold out", "cheap and over")


@pytest.mark.parametrize(("first", "second"), list(itertools.product(STOCKS, STOCKS)))
def test_the_roll_up_and_the_card_read_one_rule(product, first, second) -> None:
    """Every pair of shelves with every kind of limited-time price on the choice that stands first."""
    small, large = (
        product.variants.get(name_en="Small"),
        product.variants.exclude(name_en="Small").get(),
    )
    for variant, available in ((small, first), (large, second)):
        _put(variant, available)
    start = now() - dt.timedelta(days=3)
    for kind in OFFERS:
        Offer.objects.filter(kind=Offer.Kind.LIMITED).delete()
        if kind != "normal only":
            limited = make_limited_offer(product, price_fen=2500, quota=4)
            over = {"starts_at": start, "ends_at": start + dt.timedelta(days=1)}
            parts = {"cheap and sold out": {"quota_sold": 4}, "cheap and over": over}
            Offer.objects.filter(pk=limited.pk).update(**parts.get(kind, {"quota_sold": 1}))
        refresh_price([product.pk])
        shown = price_now(running(product))
        assert rolled_up(product) == shown.price_fen, kind


def _put(variant: Variant, available: object) -> None:
    if available == "no row":
        Stock.objects.filter(variant=variant).delete()
    else:
        Stock.objects.filter(variant=variant).update(available=available)
