"""Who has left, or never belonged, reaches nothing: the ways in to businesses, stores and baskets."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from kernel.errors import NotFound
from orders.access import BASKET_TOKEN, read_basket
from orders.models import Basket
from stores.access import access_store_for_staff, merchants_of, staff_who_may, stores_for_staff
from stores.models import StaffMembership
from stores.rights import Right
from tests.factories import make_staff, make_store, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["clerk", "manager"])
def test_who_has_left_reaches_neither_the_business_nor_its_stores(role: str) -> None:
    store = make_store()
    person = make_staff(store, role=role)
    assert access_store_for_staff(user=person, store_id=store.pk) == store
    StaffMembership.objects.filter(user=person).update(active=False)
    with pytest.raises(NotFound):
        access_store_for_staff(user=person, store_id=store.pk)
    assert not stores_for_staff(person).exists()
    assert not merchants_of(person).exists()
    for right in (Right.REDEEM, Right.SEE_SALES):
        found = staff_who_may(right, merchant_id=store.merchant_id, store_id=store.pk)
        assert not found.filter(user=person).exists()


def test_a_store_of_another_business_opens_for_no_clerk_whatever_their_list_says() -> None:
    own, foreign = make_store(), make_store()
    clerk = make_staff(own)
    StaffMembership.objects.get(user=clerk).stores.add(foreign)
    assert list(stores_for_staff(clerk)) == [own]
    with pytest.raises(NotFound):
        access_store_for_staff(user=clerk, store_id=foreign.pk)


def test_a_guest_s_session_opens_no_basket_that_has_an_owner() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    basket = Basket.objects.create(token="a-token-of-a-guest")
    request.session = {BASKET_TOKEN: basket.token}
    assert read_basket(request) == basket
    Basket.objects.filter(pk=basket.pk).update(owner=make_user())
    assert read_basket(request) is None
