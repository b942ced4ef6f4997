"""The waiting line of a sale: in order of arrival, one place a person, pieces for who is in."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction

from campaigns.errors import NotLetIn, SaleNotOpen
from campaigns.models import Place, Sale
from campaigns.services import line
from campaigns.services.line import leave_line, let_in, standing_of, take_place
from campaigns.services.sales import pause_sale
from catalog.models import Offer
from kernel.clock import at, now
from kernel.errors import NotFound, Refusal
from orders.services.cancel import cancel_order
from tests.campaigns.sales import item, make_sale
from tests.factories import make_order, make_product, make_user, offer_of

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def sale_of(quota: int = 2, most: int = 1, **more: Any) -> Sale:
    product = make_product(price_fen=5000)
    return make_sale(product, items=[item(product, 3000, quota, most)], has_line=True, **more)


def offer(sale: Sale) -> Offer:
    return Offer.objects.get(sale_item__sale=sale)


def test_who_comes_first_is_let_in_first_and_only_for_what_is_there() -> None:
    sale, guests = sale_of(quota=2), [make_user() for _ in range(5)]
    seen = [take_place(sale_id=sale.pk, person=guest) for guest in guests]
    assert [row.is_in for row in seen] == [True, True, False, False, False]
    assert [row.ahead for row in seen] == [0, 0, 0, 1, 2]
    assert let_in(sale_id=sale.pk) == 0
    order = make_order(guests[0], offer(sale), 1)
    assert [standing_of(sale_id=sale.pk, person=guest).is_in for guest in guests[1:3]] == [
        True,
        False,
    ]
    cancel_order(buyer=guests[0], number=order.number)
    assert standing_of(sale_id=sale.pk, person=guests[2]).is_in


def test_a_turn_ends_and_the_next_one_is_let_in() -> None:
    sale, first, second = sale_of(quota=1), make_user(), make_user()
    take_place(sale_id=sale.pk, person=first)
    waits = take_place(sale_id=sale.pk, person=second)
    assert waits.at_latest is not None and waits.at_latest > now() + 4 * MINUTE
    with at(now() + line.TURN + MINUTE):
        assert standing_of(sale_id=sale.pk, person=second).is_in
        over = standing_of(sale_id=sale.pk, person=first)
        assert over.is_gone and not over.is_in
        with pytest.raises(NotLetIn), transaction.atomic():
            make_order(first, offer(sale), 1)
        again = take_place(sale_id=sale.pk, person=first)
        assert (again.is_in, again.is_gone) == (False, False)


def test_one_person_has_one_place_however_often_they_come() -> None:
    sale, greedy, patient = sale_of(quota=1), make_user(), make_user()
    places = [take_place(sale_id=sale.pk, person=greedy).place.pk for _ in range(20)]
    assert len(set(places)) == 1
    take_place(sale_id=sale.pk, person=patient)
    assert Place.objects.count() == 2
    leave_line(sale_id=sale.pk, person=greedy)
    assert standing_of(sale_id=sale.pk, person=patient).is_in


def test_nobody_passes_the_line() -> None:
    sale, pusher = sale_of(), make_user()
    price = offer(sale)
    with pytest.raises(NotLetIn), transaction.atomic():
        make_order(pusher, price, 1)
    usual = make_order(pusher, offer_of(price.product), 1)  # the usual price is for everybody
    assert usual.total_fen == 5000
    take_place(sale_id=sale.pk, person=pusher)
    assert make_order(pusher, price, 1).total_fen == 3000
    with pytest.raises(NotLetIn), transaction.atomic():  # the turn is used
        make_order(pusher, price, 1)
    price.refresh_from_db()
    assert price.quota_sold == 1


def test_a_refused_order_gives_the_turn_back() -> None:
    sale, guest = sale_of(quota=3), make_user()
    take_place(sale_id=sale.pk, person=guest)
    with pytest.raises(Refusal, match="limit is 1 per person"), transaction.atomic():
        make_order(guest, offer(sale), 2)
    assert standing_of(sale_id=sale.pk, person=guest).is_in


def test_each_who_is_in_can_have_all_that_one_person_may() -> None:
    sale = sale_of(quota=5, most=2)
    seen = [take_place(sale_id=sale.pk, person=make_user()).is_in for _ in range(4)]
    assert seen == [True, True, False, False]


def test_the_line_opens_with_the_sale_and_stands_while_it_is_paused() -> None:
    later = sale_of(begins_at=now() + MINUTE)
    with pytest.raises(SaleNotOpen):
        take_place(sale_id=later.pk, person=make_user())
    sale, first, second = sale_of(quota=1), make_user(), make_user()
    take_place(sale_id=sale.pk, person=first)
    take_place(sale_id=sale.pk, person=second)
    pause_sale(sale_id=sale.pk, by=None)
    with at(now() + line.TURN + MINUTE):
        assert not standing_of(sale_id=sale.pk, person=second).is_in


def test_what_has_no_line_has_no_places() -> None:
    product = make_product()
    plain = make_sale(product)
    draft = sale_of()
    Sale.objects.filter(pk=draft.pk).update(state=Sale.State.DRAFT)
    for sale in (plain, draft):
        with pytest.raises(NotFound):
            take_place(sale_id=sale.pk, person=make_user())
    with pytest.raises(NotFound):
        standing_of(sale_id=sale_of().pk, person=make_user())
