"""Lines of a basket: added together at the login, taken out by an order, never beyond its limits."""

from __future__ import annotations

import datetime as dt

import pytest

from kernel.clock import at
from orders.errors import BasketChanged
from orders.models import Basket, BasketLine
from orders.services.basket import basket_of, guest_basket, merge_baskets, take_out
from orders.services.rules import SHOP
from tests.factories import make_product, make_user, offer_of

pytestmark = pytest.mark.django_db


def held(basket: Basket) -> dict[int, int]:
    return dict(basket.lines.values_list("offer_id", "quantity"))


def test_equal_lines_add_up_to_at_most_what_one_order_takes() -> None:
    offer, other = offer_of(make_product()), offer_of(make_product())
    own, guest = basket_of(owner=make_user()), guest_basket()
    for basket, quantity in ((own, 60), (guest, 60)):
        BasketLine.objects.create(basket=basket, offer=offer, quantity=quantity)
    BasketLine.objects.create(basket=guest, offer=other, quantity=2)
    assert own.owner is not None
    merge_baskets(token=guest.token, owner=own.owner)
    assert held(own) == {offer.pk: SHOP.quantity, other.pk: 2}
    assert not Basket.objects.filter(pk=guest.pk).exists()


def test_lines_beyond_those_of_one_order_stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orders.services.basket.SHOP", SHOP._replace(lines=2))
    first, *more = (offer_of(make_product()) for _ in range(4))
    own, guest = basket_of(owner=make_user()), guest_basket()
    BasketLine.objects.create(basket=own, offer=first, quantity=1)
    for offer in (first, *more):
        BasketLine.objects.create(basket=guest, offer=offer, quantity=1)
    assert own.owner is not None
    merge_baskets(token=guest.token, owner=own.owner)
    assert held(own) == {first.pk: 2, more[0].pk: 1}


def test_what_was_added_while_ordering_stays_in_the_basket() -> None:
    ordered, whole = offer_of(make_product()), offer_of(make_product())
    basket = basket_of(owner=make_user())
    BasketLine.objects.create(basket=basket, offer=ordered, quantity=5)
    BasketLine.objects.create(basket=basket, offer=whole, quantity=2)
    take_out(basket=basket, bought=[(ordered.pk, 3), (whole.pk, 2)])
    assert held(basket) == {ordered.pk: 2}
    with pytest.raises(BasketChanged):
        take_out(basket=basket, bought=[(ordered.pk, 3)])
    assert held(basket) == {ordered.pk: 2}


def test_ordering_takes_nothing_out_of_another_basket() -> None:
    offer = offer_of(make_product())
    own, other = basket_of(owner=make_user()), basket_of(owner=make_user())
    for basket in (own, other):
        BasketLine.objects.create(basket=basket, offer=offer, quantity=2)
    take_out(basket=own, bought=[(offer.pk, 2)])
    assert held(own) == {}
    assert held(other) == {offer.pk: 2}
    with pytest.raises(BasketChanged):
        take_out(basket=own, bought=[(offer.pk, 2)])
    assert held(other) == {offer.pk: 2}


def test_a_basket_that_was_ordered_from_was_used_just_now() -> None:
    """Its row is locked as well: two orders of one basket wait for each other."""
    offer, basket = offer_of(make_product()), basket_of(owner=make_user())
    BasketLine.objects.create(basket=basket, offer=offer, quantity=2)
    before = Basket.objects.get(pk=basket.pk).changed_at
    with at(before + dt.timedelta(hours=1)):
        take_out(basket=basket, bought=[(offer.pk, 1)])
    assert Basket.objects.get(pk=basket.pk).changed_at == before + dt.timedelta(hours=1)
