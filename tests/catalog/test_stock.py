"""Take and give back stock, quota and personal shares."""

from __future__ import annotations

import pytest
from django.db import transaction

from catalog.errors import PersonLimitReached, QuotaGone, SoldOut
from catalog.models import OfferPurchase, Stock
from catalog.services.stock import Wanted, give_back_stock, set_stock, take_stock
from kernel.errors import InvalidInput
from tests.factories import make_limited_offer, make_product, make_user, offer_of, variant_of

pytestmark = pytest.mark.django_db


def want(offer, quantity: int) -> Wanted:
    return Wanted(offer.pk, offer.variant_id, quantity)


def left(product) -> int | None:
    return Stock.objects.get(variant=variant_of(product)).available


def take(buyer, *wanted: Wanted) -> None:
    with transaction.atomic():
        take_stock(buyer_id=buyer.pk, wanted=wanted)


def test_taking_and_giving_back_leaves_the_count_as_it_was() -> None:
    product, buyer = make_product(stock=5), make_user()
    line = want(offer_of(product), 3)
    take(buyer, line)
    assert left(product) == 2
    give_back_stock(buyer_id=buyer.pk, returned=[line])
    assert left(product) == 5


def test_more_than_is_left_is_refused_and_says_how_many_are() -> None:
    product = make_product(stock=2)
    with pytest.raises(SoldOut) as refusal:
        take(make_user(), want(offer_of(product), 3))
    assert refusal.value.extra == {"variant": variant_of(product).pk, "available": 2}
    assert left(product) == 2


def test_two_lines_of_one_variant_are_counted_together() -> None:
    product, buyer = make_product(stock=3), make_user()
    limited = make_limited_offer(product, price_fen=100)
    with pytest.raises(SoldOut):
        take(buyer, want(offer_of(product), 2), want(limited, 2))
    assert left(product) == 3


def test_one_short_line_gives_the_others_back() -> None:
    plenty, scarce = make_product(stock=10), make_product(stock=0)
    with pytest.raises(SoldOut):
        take(make_user(), want(offer_of(plenty), 1), want(offer_of(scarce), 1))
    assert left(plenty) == 10


def test_unlimited_stock_stays_unlimited() -> None:
    product, buyer = make_product(stock=None), make_user()
    line = want(offer_of(product), 1000)
    take(buyer, line)
    give_back_stock(buyer_id=buyer.pk, returned=[line])
    assert left(product) is None


def test_the_quota_ends_the_limited_price_before_the_stock() -> None:
    product = make_product(stock=100)
    limited = make_limited_offer(product, price_fen=100, quota=3)
    take(make_user(), want(limited, 2))
    with pytest.raises(QuotaGone) as refusal:
        take(make_user(), want(limited, 2))
    assert refusal.value.extra == {"offer": limited.pk, "remaining": 1}
    assert left(product) == 98, "the stock of the refused order came back"
    limited.refresh_from_db()
    assert limited.remaining == 1


def test_the_personal_limit_counts_over_orders_and_is_given_back() -> None:
    product, buyer = make_product(stock=100), make_user()
    limited = make_limited_offer(product, price_fen=100, per_person_limit=2)
    take(buyer, want(limited, 1))
    take(buyer, want(limited, 1))
    with pytest.raises(PersonLimitReached) as refusal:
        take(buyer, want(limited, 1))
    assert refusal.value.extra == {"offer": limited.pk, "limit": 2, "held": 2}
    take(make_user(), want(limited, 2))  # somebody else has a share of their own
    give_back_stock(buyer_id=buyer.pk, returned=[want(limited, 1)])
    take(buyer, want(limited, 1))
    assert OfferPurchase.objects.get(buyer=buyer).quantity == 2


def test_more_than_the_personal_limit_at_once_is_refused() -> None:
    limited = make_limited_offer(make_product(), price_fen=100, per_person_limit=2)
    with pytest.raises(PersonLimitReached):
        take(make_user(), want(limited, 3))


def test_stock_is_set_and_never_below_zero() -> None:
    product = make_product(stock=5)
    set_stock(variant_id=variant_of(product).pk, available=7)
    assert left(product) == 7
    set_stock(variant_id=variant_of(product).pk, available=None)
    assert left(product) is None
    with pytest.raises(InvalidInput):
        set_stock(variant_id=variant_of(product).pk, available=-1)


def test_nothing_is_a_mistake_of_the_caller() -> None:
    product = make_product()
    with pytest.raises(ValueError, match="positive"):
        take(make_user(), want(offer_of(product), 0))
