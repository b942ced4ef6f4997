"""What lists say of a price: written ahead, right at every moment, and what the offers say."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.cards import price_now, product_cards
from catalog.models import ListingFact, Offer, Product, Stock
from catalog.search import ProductQuery, find_products
from catalog.services.listing import write_listing_facts
from catalog.services.offers import end_offer
from catalog.services.prices import refresh_due_prices, refresh_price
from catalog.services.products import VariantInput, add_variant, update_variant
from catalog.services.stock import Wanted, set_stock, take_stock
from insights.invariants_listing import LISTING
from kernel import clock
from kernel.clock import now
from kernel.outbox.models import OutboxEvent
from tests.factories import make_limited_offer, make_product, make_user, variant_of

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)


def card_of(product: Product) -> dict[str, object]:
    rows = [row for row in find_products(ProductQuery()).rows if row.pk == product.pk]
    (card,) = product_cards(rows)
    return card


def said(product: Product) -> tuple[object, ...]:
    """Price, end and sold out of the card."""
    card = card_of(product)
    return card["price_fen"], card["ends_at"], card["sold_out"]


def ruled(product: Product) -> tuple[object, ...]:
    """The same by the rule that product pages ask, from the offers themselves."""
    rows = Offer.objects.running().filter(product=product).order_by("price_fen", "id")
    price = price_now(list(rows.select_related("variant__stock")))
    return price.price_fen, price.ends_at, price.sold_out


def wrong() -> list[str]:
    with connection.cursor() as cursor:
        found = []
        for invariant in LISTING:
            cursor.execute(invariant.sql)
            found += [f"{invariant.code} {row[0]}" for row in cursor.fetchall()]
    return found


@pytest.fixture(autouse=True)
def audited() -> Iterator[None]:
    yield
    assert wrong() == []


@pytest.mark.parametrize("kind", Product.Kind.values)
def test_every_kind_of_product_is_listed_from_its_facts(kind: str) -> None:
    uses = 3 if kind == "times_card" else 1
    product = make_product(kind=kind, price_fen=5000, uses=uses)
    assert said(product) == (5000, None, False) == ruled(product)
    limited = make_limited_offer(product, price_fen=3000)
    assert said(product) == (3000, limited.ends_at, False) == ruled(product)
    assert card_of(product)["badge"]


def test_a_limited_price_begins_and_ends_in_lists_without_a_write() -> None:
    """A moving clock over two that overlap: at each second the card says what the offers say."""
    product, start = make_product(price_fen=5000), now()
    add_variant(product=product, choice=VariantInput("Large", "", 9000, 5), position=1)
    spans = ((3000, 1, 5), (2000, 2, 3), (4000, 4, 7), (1000, 9, 10))
    for price_fen, begins, ends in spans:
        make_limited_offer(
            product,
            price_fen=price_fen,
            starts_at=start + begins * HOUR,
            ends_at=start + ends * HOUR,
        )
    for hours in range(12):
        for off in (-SECOND, dt.timedelta(0), SECOND):
            moment = start + hours * HOUR + off
            if moment >= start:
                with clock.at(moment):
                    assert said(product) == ruled(product), (hours, off)
                    assert card_of(product)["price_from"]
                    limited = find_products(ProductQuery(limited=True)).rows
                    assert bool(limited) == (ruled(product)[1] is not None), (hours, off)


def test_the_sweep_moves_what_lists_sort_by_and_clears_what_is_over() -> None:
    product, start = make_product(price_fen=5000), now()
    make_limited_offer(product, price_fen=3000, starts_at=start + HOUR, ends_at=start + 2 * HOUR)
    assert product.listing_facts.count() == 3
    assert refresh_due_prices() == 0  # the first look is at all, what comes after at what is due
    for moment, price_fen, facts in ((90, 3000, 2), (150, 5000, 1)):
        with clock.at(start + dt.timedelta(minutes=moment)):
            assert refresh_due_prices() == 1 and refresh_due_prices() == 0
            product.refresh_from_db()
            assert (product.price_fen, product.listing_facts.count()) == (price_fen, facts)


def test_the_sweep_locks_no_product_whose_price_only_runs() -> None:
    product, start = make_product(price_fen=5000), now()
    make_limited_offer(product, price_fen=3000, starts_at=start - HOUR, ends_at=start + HOUR)
    refresh_due_prices()
    with CaptureQueriesContext(connection) as queries:
        assert refresh_due_prices() == 0
    assert not any("FOR NO KEY UPDATE" in query["sql"] for query in queries)


def test_what_is_sold_out_is_said_and_comes_back(drain) -> None:
    product = make_product(price_fen=5000, stock=2)
    for available, out in ((0, True), (3, False), (0, True), (None, False)):
        set_stock(variant_id=variant_of(product).pk, available=available)
        drain()
        assert said(product) == (5000, None, out) == ruled(product)


def test_a_quota_that_is_gone_leads_back_to_the_usual_price(drain) -> None:
    product = make_product(price_fen=5000)
    limited = make_limited_offer(product, price_fen=3000, quota=1)
    with transaction.atomic():
        take_stock(buyer_id=make_user().pk, wanted=[Wanted(limited.pk, limited.variant_id, 1)])
    drain()
    assert said(product) == (5000, None, False) == ruled(product)


def test_what_the_merchant_changes_is_said_at_once() -> None:
    product = make_product(price_fen=5000)
    large = add_variant(product=product, choice=VariantInput("Large", "", 3000, 5), position=1)
    refresh_price([product.pk])
    assert said(product) == (3000, None, False) and card_of(product)["price_from"]
    limited = make_limited_offer(product, price_fen=2000)
    end_offer(offer=limited)
    assert said(product) == (3000, None, False)
    update_variant(variant=large, active=False)
    assert said(product) == (5000, None, False) and not card_of(product)["price_from"]


def test_cards_cost_no_query_beside_the_page() -> None:
    for _number in range(3):
        make_limited_offer(make_product(price_fen=5000), price_fen=3000)
    rows = find_products(ProductQuery()).rows
    with CaptureQueriesContext(connection) as queries:
        assert len(product_cards(rows)) == 3
    assert len(queries) == 0


def test_a_kept_page_of_cards_names_no_price_that_has_ended(client: Client, settings) -> None:
    """Lists are kept for some seconds by what was asked; the limited price ends meanwhile."""
    settings.SHARED_PART_SECONDS = 15
    product, start = make_product(price_fen=5000), now()
    make_limited_offer(product, price_fen=3000, ends_at=start + HOUR)
    with clock.at(start):
        assert client.get("/api/v1/products").json()["results"][0]["price_fen"] == 3000
    with clock.at(start + HOUR):
        assert client.get("/api/v1/products").json()["results"][0]["price_fen"] == 5000
        html = client.get("/products/?city=").content.decode()
        assert "¥50" not in html or "30" not in html.split("card__foot")[1][:200]


def test_a_second_look_writes_nothing() -> None:
    product = make_product(price_fen=5000)
    make_limited_offer(product, price_fen=3000)
    before = list(ListingFact.objects.values())
    assert refresh_price() == 0 == write_listing_facts(product_ids=[])
    assert list(ListingFact.objects.values()) == before


def test_the_command_writes_all_anew(capsys) -> None:
    product = make_product(price_fen=5000)
    make_limited_offer(product, price_fen=3000)
    before = list(
        ListingFact.objects.order_by("pk").values("product", "from_fen", "since", "until")
    )
    ListingFact.objects.all().delete()
    Product.objects.update(price_fen=1)
    call_command("rebuild_listing")
    assert "1" in capsys.readouterr().out
    fields = ("product", "from_fen", "since", "until")
    assert list(ListingFact.objects.order_by("pk").values(*fields)) == before
    product.refresh_from_db()
    assert product.price_fen == 3000


def test_the_upgrade_fills_what_the_service_would_write() -> None:
    start = now()
    for number in range(4):
        product = make_product(price_fen=5000 + number, stock=number or None)
        make_limited_offer(
            product,
            price_fen=2000,
            starts_at=start - HOUR + 2 * number * HOUR,
            ends_at=start + (2 * number + 1) * HOUR,
        )
    set_stock(variant_id=variant_of(product).pk, available=0)
    refresh_price()
    fields = [
        f.attname for f in ListingFact._meta.concrete_fields if f.name not in ("id", "was_fen")
    ]
    written = set(ListingFact.objects.values_list(*fields))
    ListingFact.objects.all().delete()
    migration = importlib.import_module("catalog.migrations.0018_listing_filled")
    with connection.cursor() as cursor:
        cursor.execute(migration.FILL)
    assert set(ListingFact.objects.values_list(*fields)) == written != set()


def test_the_audit_sees_a_price_that_nobody_offers_and_one_that_is_left_out() -> None:
    product, other = make_product(price_fen=5000), make_product(price_fen=700)
    facts = ListingFact.objects.filter(product=product)
    facts.update(from_fen=4000)
    ListingFact.objects.filter(product=other).delete()
    assert wrong() == [
        f"listing_of_offers product {product.pk}",
        f"listing_complete product {other.pk}",
    ]
    refresh_price()
    make_limited_offer(product, price_fen=3000, starts_at=now() + HOUR, ends_at=now() + 2 * HOUR)
    facts.filter(since=None).update(from_fen=3000, kind="limited", ends_at=F("until"))
    assert wrong() == [f"listing_of_offers product {product.pk}"]
    refresh_price()


def test_the_audit_sees_what_is_sold_out_in_lists_alone() -> None:
    product = make_product(price_fen=5000, stock=2)
    set_stock(variant_id=variant_of(product).pk, available=0)
    assert wrong() == []  # on its way
    OutboxEvent.objects.all().delete()
    assert wrong() == [f"listing_sold_out product {product.pk}"]
    refresh_price()
    assert wrong() == []
    Stock.objects.update(available=1)
    assert wrong() == [f"listing_sold_out product {product.pk}"]
    refresh_price()
