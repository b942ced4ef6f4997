"""The basket offers what this buyer can still have: limit per person, quota and stock together."""

from __future__ import annotations

import pytest

from catalog.models import OfferPurchase, Stock
from orders.basket_view import basket_view
from orders.models import Basket, BasketLine
from tests.factories import make_limited_offer, make_paid_order, make_product, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("limit", "bought", "quota", "stock", "left"),
    [
        (3, 0, None, 100, 3),
        (3, 2, None, 100, 1),
        (3, 3, None, 100, 0),
        (3, 1, 1, 100, 1),
        (5, 1, None, 2, 2),
        (None, 7, None, 4, 4),
        (None, 0, None, None, None),
    ],
)
def test_the_basket_says_how_many_this_buyer_can_have(limit, bought, quota, stock, left) -> None:
    buyer, other = make_user(), make_user()
    offer = make_limited_offer(make_product(), price_fen=100, quota=quota, per_person_limit=limit)
    Stock.objects.filter(variant=offer.variant).update(available=stock)
    OfferPurchase.objects.create(offer=offer, buyer=buyer, quantity=bought)
    OfferPurchase.objects.create(offer=offer, buyer=other, quantity=50)
    basket = Basket.objects.create(owner=buyer)
    BasketLine.objects.create(basket=basket, offer=offer, quantity=1)
    (row,) = basket_view(basket).rows
    assert row.left == left
    assert row.buyable == (left != 0)
    assert row.own_limit_reached == bool(limit and bought >= limit)


def test_who_has_bought_all_he_may_reads_so_and_not_sold_out(client) -> None:
    buyer = make_user()
    offer = make_limited_offer(make_product(), price_fen=100, per_person_limit=2)
    make_paid_order(buyer, offer, 2)
    basket = Basket.objects.create(owner=buyer)
    BasketLine.objects.create(basket=basket, offer=offer, quantity=1)
    client.force_login(buyer)
    html = client.get("/basket/", headers={"accept-language": "en"}).content.decode()
    assert "limited to 2 per person" in html
    assert "Sold out" not in html.split("<main")[1].split("</main>")[0]
