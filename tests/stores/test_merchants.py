"""Who may do what for whom, from application to the last owner."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.errors import InvalidInput, NotFound
from kernel.outbox.models import OutboxEvent
from stores.access import (
    access_store_for_staff,
    merchants_of,
    role_of,
    stores_for_staff,
)
from stores.errors import (
    ApplicationWaiting,
    LastOwner,
    RightMissing,
    StoreOfAnotherMerchant,
    WrongMerchantState,
)
from stores.models import Merchant, Store
from stores.services.merchants import (
    apply_merchant,
    approve_merchant,
    reinstate_merchant,
    reject_merchant,
    suspend_merchant,
)
from stores.services.staff import add_staff, remove_staff
from tests.factories import cast, make_merchant, make_store, make_user

pytestmark = pytest.mark.django_db


def apply(user, **fields):
    return apply_merchant(applicant=user, **{"name_en": "Corner Café", **fields})


def test_an_approved_applicant_owns_the_business_and_may_open_the_admin() -> None:
    user, operator = make_user(), make_user("operator")
    merchant = apply(user)
    assert merchant.state == Merchant.State.APPLIED
    assert role_of(user) == "customer"
    approve_merchant(merchant_id=merchant.pk, decided_by=operator, commission_rate=Decimal("0.08"))
    merchant.refresh_from_db()
    user.refresh_from_db()
    assert (merchant.state, merchant.commission_rate) == ("approved", Decimal("0.0800"))
    assert (role_of(user), user.is_staff) == ("merchant", True)
    assert list(merchants_of(user)) == [merchant]
    topics = list(OutboxEvent.objects.order_by("id").values_list("topic", "payload__merchant_id"))
    assert topics == [("merchant.applied", merchant.pk), ("merchant.decided", merchant.pk)]


def test_a_second_application_waits_for_the_first_and_a_rejected_one_is_sent_again() -> None:
    user, operator = make_user(), make_user("operator")
    merchant = apply(user)
    with pytest.raises(ApplicationWaiting):
        apply(user)
    reject_merchant(merchant_id=merchant.pk, decided_by=operator, note="No papers")
    again = apply(user, contact_phone="123456")
    assert (again.pk, again.state, again.contact_phone) == (merchant.pk, "applied", "123456")


def test_a_decision_is_taken_once() -> None:
    operator = make_user("operator")
    merchant = apply(make_user())
    reject_merchant(merchant_id=merchant.pk, decided_by=operator)
    for decide in (approve_merchant, reject_merchant, suspend_merchant, reinstate_merchant):
        with pytest.raises(WrongMerchantState):
            decide(merchant_id=merchant.pk, decided_by=operator)


def test_the_commission_has_a_range_and_an_application_a_name() -> None:
    merchant = apply(make_user())
    with pytest.raises(InvalidInput):
        approve_merchant(merchant_id=merchant.pk, decided_by=None, commission_rate=Decimal("0.6"))
    with pytest.raises(InvalidInput):  # as every other way to set one
        approve_merchant(
            merchant_id=merchant.pk, decided_by=None, commission_rate=Decimal("0.12345")
        )
    with pytest.raises(InvalidInput):
        apply(make_user(), name_en="  ")


def test_slugs_come_from_either_name_and_never_clash() -> None:
    slugs = [
        apply(make_user(), **names).slug
        for names in (
            {},
            {},
            {"name_en": "", "name_zh": "山茶咖啡"},
            {"name_en": "", "name_zh": "☕"},
        )
    ]
    assert slugs == ["corner-cafe", "corner-cafe-2", "shan-cha-ka-fei", "shop"]


def test_suspension_closes_the_stores_until_reinstated() -> None:
    people = cast()
    assert access_store_for_staff(user=people.clerk, store_id=people.store.pk) == people.store
    suspend_merchant(merchant_id=people.merchant.pk, decided_by=people.operator)
    with pytest.raises(NotFound):
        access_store_for_staff(user=people.clerk, store_id=people.store.pk)
    assert not Store.objects.open_for_business().filter(merchant=people.merchant).exists()
    reinstate_merchant(merchant_id=people.merchant.pk, decided_by=people.operator)
    assert access_store_for_staff(user=people.clerk, store_id=people.store.pk) == people.store


def test_roles_and_stores_of_the_cast() -> None:
    people = cast()
    roles = [
        role_of(user)
        for user in (people.operator, people.owner, people.teammate, people.clerk, people.buyer)
    ]
    assert roles == ["operator", "merchant", "merchant", "staff", "customer"]
    both = {people.store, people.other_store}
    assert set(stores_for_staff(people.owner)) == both
    assert set(stores_for_staff(people.teammate)) == both
    assert set(stores_for_staff(people.clerk)) == {people.store}
    strangers = ((people.stranger, NotFound), (people.buyer, NotFound))
    for user, refusal in (*strangers, (people.operator, RightMissing)):
        assert not stores_for_staff(user).exists()
        with pytest.raises(refusal):
            access_store_for_staff(user=user, store_id=people.store.pk)
    with pytest.raises(NotFound):
        access_store_for_staff(user=people.clerk, store_id=people.other_store.pk)


def test_a_removed_person_is_out_everywhere() -> None:
    people = cast()
    remove_staff(merchant=people.merchant, user=people.teammate)
    people.teammate.refresh_from_db()
    assert (role_of(people.teammate), people.teammate.is_staff) == ("customer", False)
    remove_staff(merchant=people.merchant, user=people.clerk)
    with pytest.raises(NotFound):
        access_store_for_staff(user=people.clerk, store_id=people.store.pk)
    with pytest.raises(NotFound):
        remove_staff(merchant=people.merchant, user=people.clerk)


def test_who_runs_another_business_keeps_the_admin() -> None:
    people = cast()
    other = make_merchant()
    add_staff(merchant=other, user=people.teammate, role="manager")
    remove_staff(merchant=people.merchant, user=people.teammate)
    people.teammate.refresh_from_db()
    assert people.teammate.is_staff


def test_the_last_owner_can_neither_leave_nor_step_down() -> None:
    people = cast()
    with pytest.raises(LastOwner):
        remove_staff(merchant=people.merchant, user=people.owner)
    with pytest.raises(LastOwner):
        add_staff(merchant=people.merchant, user=people.owner, role="manager")
    add_staff(merchant=people.merchant, user=people.teammate, role="owner")
    remove_staff(merchant=people.merchant, user=people.owner)
    assert role_of(people.owner) == "customer"


def test_a_clerk_gets_no_store_of_another_business() -> None:
    people = cast()
    with pytest.raises(StoreOfAnotherMerchant):
        add_staff(merchant=people.merchant, user=make_user(), role="clerk", stores=[make_store()])
