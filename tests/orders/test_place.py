"""Placing an order: what is frozen, what is taken, what is refused."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from catalog.errors import OfferNotRunning, PersonLimitReached, QuotaGone, SoldOut
from catalog.models import Offer, OfferPurchase, Product, Stock
from kernel import clock
from kernel.money import MAX_AMOUNT_FEN
from orders.errors import AmountTooLarge, EmptyOrder, QuantityOutOfRange, TooManyLines
from orders.models import Order
from orders.services.place import place_order
from orders.services.rules import SHOP
from tests.factories import (
    make_limited_offer,
    make_product,
    make_store,
    make_user,
    offer_of,
    variant_of,
)

pytestmark = pytest.mark.django_db


def available(product: Product) -> int | None:
    return Stock.objects.get(variant=variant_of(product)).available


def place(buyer, *lines, **kwargs) -> Order:
    """As every caller does: a refusal rolls everything back."""
    with transaction.atomic():
        return place_order(buyer=buyer, lines=lines, **kwargs)


def test_order_freezes_price_title_terms_and_commission():
    product = make_product(price_fen=5000, title_en="Noodles", title_zh="面")
    buyer = make_user()
    order = place(buyer, (offer_of(product).pk, 3))
    Offer.objects.filter(product=product).update(price_fen=9900)
    Product.objects.filter(pk=product.pk).update(title_en="Rice", validity_days=1)
    line = order.lines.get()
    assert (line.title_en, line.title_zh) == ("Noodles", "面")
    assert (line.unit_price_fen, line.quantity, line.payable_fen) == (5000, 3, 15000)
    assert line.commission_rate == product.merchant.commission_rate
    assert line.terms.body["validity_days"] == 90
    assert order.total_fen == 15000
    assert order.state == Order.State.PENDING


def test_order_must_be_paid_within_the_set_minutes(settings):
    settings.ORDER_TIMEOUT_MINUTES = 7
    with clock.at(dt.datetime(2025, 5, 1, 10, 0, tzinfo=dt.UTC)):
        order = place(make_user(), (offer_of(make_product()).pk, 1))
    assert order.expires_at == dt.datetime(2025, 5, 1, 10, 7, tzinfo=dt.UTC)


def test_order_takes_stock():
    product = make_product(stock=10)
    place(make_user(), (offer_of(product).pk, 4))
    assert available(product) == 6


def test_one_order_holds_lines_of_several_merchants():
    first, second = make_product(price_fen=100), make_product(price_fen=250)
    order = place(make_user(), (offer_of(first).pk, 1), (offer_of(second).pk, 2))
    assert order.total_fen == 600
    merchants = {line.merchant_id for line in order.lines.all()}
    assert merchants == {first.merchant_id, second.merchant_id}


def test_equal_offers_become_one_line():
    offer = offer_of(make_product())
    order = place(make_user(), (offer.pk, 2), (offer.pk, 3))
    assert [line.quantity for line in order.lines.all()] == [5]


def test_variant_name_is_part_of_the_title():
    product = make_product(title_en="Haircut", title_zh="剪发")
    variant = variant_of(product)
    variant.name_en = "long hair"
    variant.save()
    line = place(make_user(), (offer_of(product).pk, 1)).lines.get()
    assert (line.title_en, line.title_zh) == ("Haircut · long hair", "剪发 · long hair")


def test_sold_out_changes_nothing():
    plenty, scarce = make_product(stock=10), make_product(stock=1)
    with pytest.raises(SoldOut) as refusal:
        place(make_user(), (offer_of(plenty).pk, 1), (offer_of(scarce).pk, 2))
    assert refusal.value.extra["available"] == 1
    assert (available(plenty), available(scarce)) == (10, 1)
    assert not Order.objects.exists()


def test_unlimited_stock_is_never_sold_out():
    product = make_product(stock=None)
    place(make_user(), (offer_of(product).pk, 99))
    assert available(product) is None


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_product_off_sale_cannot_be_bought(state):
    product = make_product(state=state)
    with pytest.raises(OfferNotRunning):
        place(make_user(), (offer_of(product).pk, 1))


def test_offer_of_a_suspended_merchant_cannot_be_bought():
    product = make_product()
    product.merchant.state = "suspended"
    product.merchant.save()
    with pytest.raises(OfferNotRunning):
        place(make_user(), (offer_of(product).pk, 1))


def test_limited_price_holds_inside_its_period_only():
    product = make_product(price_fen=5000)
    limited = make_limited_offer(product, price_fen=2000)
    assert place(make_user(), (limited.pk, 1)).total_fen == 2000
    with clock.at(limited.ends_at), pytest.raises(OfferNotRunning):
        place(make_user(), (limited.pk, 1))


def test_limited_quota_is_not_oversold():
    limited = make_limited_offer(make_product(), price_fen=2000, quota=3)
    place(make_user(), (limited.pk, 2))
    with pytest.raises(QuotaGone) as refusal:
        place(make_user(), (limited.pk, 2))
    assert refusal.value.extra["remaining"] == 1
    limited.refresh_from_db()
    assert limited.quota_sold == 2


def test_one_person_buys_at_most_the_limit_over_several_orders():
    limited = make_limited_offer(make_product(), price_fen=2000, per_person_limit=2)
    buyer = make_user()
    place(buyer, (limited.pk, 1))
    with pytest.raises(PersonLimitReached):
        place(buyer, (limited.pk, 2))
    place(buyer, (limited.pk, 1))
    place(make_user(), (limited.pk, 2))
    assert OfferPurchase.objects.get(buyer=buyer, offer=limited).quantity == 2


def test_empty_order_is_refused():
    with pytest.raises(EmptyOrder):
        place(make_user())


@pytest.mark.parametrize("quantity", [0, -1, 100])
def test_people_buy_1_to_99_of_a_voucher(quantity):
    product = make_product(stock=1000)
    with pytest.raises(QuantityOutOfRange):
        place(make_user(), (offer_of(product).pk, quantity))


def test_imports_may_order_many_goods_but_pages_may_not():
    product = make_product(kind="goods", stock=None, price_fen=1)
    line = (offer_of(product).pk, 100_000)
    with pytest.raises(QuantityOutOfRange):
        place(make_user(), line, limits=SHOP)
    assert place(make_user(), line).total_fen == 100_000
    with pytest.raises(QuantityOutOfRange):
        place(make_user(), (offer_of(product).pk, 100_001))


def test_people_order_at_most_50_lines():
    lines = [(number, 1) for number in range(1, 52)]
    with pytest.raises(TooManyLines):
        place(make_user(), *lines, limits=SHOP)


def test_total_has_a_ceiling():
    product = make_product(price_fen=MAX_AMOUNT_FEN)
    offer = offer_of(product)
    assert place(make_user(), (offer.pk, 1)).total_fen == MAX_AMOUNT_FEN
    with pytest.raises(AmountTooLarge):
        place(make_user(), (offer.pk, 2))


def test_statements_do_not_grow_with_stores_and_stay_few():
    product = make_product(stores=[make_store()])
    buyer, offer = make_user(), offer_of(product)
    place(buyer, (offer.pk, 1))  # the terms are known afterwards
    with CaptureQueriesContext(
        connection,
    ) as queries:
        place_order(buyer=buyer, lines=[(offer.pk, 1)])
    assert len(queries) <= 8, [query["sql"] for query in queries]


def test_a_refusal_of_several_lines_names_the_product_and_says_what_to_do():
    buyer = make_user()
    plain = offer_of(make_product(title_en="Tea for two"))
    scarce = offer_of(make_product(title_en="Crab dinner", stock=1))
    haircut = make_product(title_en="Haircut", price_fen=5000)
    limited = make_limited_offer(haircut, price_fen=900, per_person_limit=1)
    place(buyer, (limited.pk, 1))
    with translation.override("en"), pytest.raises(PersonLimitReached) as refused:
        place(buyer, (plain.pk, 1), (limited.pk, 1))
    assert "“Haircut”: the limit is 1 per person, and you have bought 1 so far" in str(
        refused.value
    )
    assert "lower its quantity or leave it out" in str(refused.value)
    assert refused.value.extra == {"offer": limited.pk, "limit": 1, "held": 1}
    with translation.override("en"), pytest.raises(SoldOut) as gone:
        place(buyer, (plain.pk, 1), (scarce.pk, 2))
    assert "Only 1 piece of “Crab dinner” is left" in str(gone.value)
    assert gone.value.code == "sold_out"
    assert gone.value.extra["offer"] == scarce.pk
