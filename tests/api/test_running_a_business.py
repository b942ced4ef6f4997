"""API: what an owner does on pages is done by API, by the same services and with the same refusals."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from kernel.errors import NotFound
from members.models import User
from members.services.keys import make_key
from reviews.models import Review
from reviews.services.reviews import write_review
from stores.models import Merchant, StaffMembership, StoreGroup
from stores.rights import Right, stores_where
from stores.services.groups import delete_group, save_group
from stores.services.staff import change_staff, remove_staff
from tests.factories import (
    make_merchant,
    make_product,
    make_staff,
    make_store,
    make_user,
    make_voucher,
    owner_of,
    redeem,
)

pytestmark = pytest.mark.django_db
SCOPES = ("stores:read", "stores:write", "staff:read", "staff:write", "reviews:reply")


def caller(user: User, scopes: tuple[str, ...] = SCOPES) -> Any:
    client = APIClient()
    _key, token = make_key(user=user, name="Back office", scopes=scopes)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


def test_a_group_is_made_changed_and_deleted(merchant: Merchant) -> None:
    first, second = (make_store(merchant=merchant) for _ in range(2))
    api = caller(owner_of(merchant))
    path = "/api/v1/store-groups"
    made = api.post(path, {"name": "South", "stores": [first.pk]}, format="json")
    assert made.status_code == 201, made.json()
    one = f"{path}/{made.json()['id']}"
    assert made.json() == {
        "id": made.json()["id"],
        "merchant": merchant.slug,
        "name": "South",
        "stores": [first.pk],
    }
    assert api.get(path).json()["results"] == [made.json()]
    changed = api.patch(one, {"stores": [first.pk, second.pk]}, format="json").json()
    assert (changed["name"], changed["stores"]) == ("South", [first.pk, second.pk])
    assert api.patch(one, {"name": "Harbour"}, format="json").json()["name"] == "Harbour"
    assert api.get(one).json()["stores"] == [first.pk, second.pk]
    assert api.delete(one).status_code == 204
    assert not StoreGroup.objects.exists()
    assert api.get(one).status_code == 404


def test_a_group_is_refused_by_field(merchant: Merchant) -> None:
    foreign = make_store()
    api = caller(owner_of(merchant))
    path = "/api/v1/store-groups"
    api.post(path, {"name": "South"}, format="json")
    again = api.post(path, {"name": " South "}, format="json")
    assert (again.status_code, list(again.json()["fields"])) == (400, ["name"])
    strange = api.post(path, {"name": "North", "stores": [foreign.pk]}, format="json")
    assert (strange.status_code, list(strange.json()["fields"])) == (400, ["stores"])
    empty = api.post(path, {"name": " "}, format="json")
    assert (empty.status_code, list(empty.json()["fields"])) == (400, ["name"])
    reads = caller(owner_of(merchant), ("stores:read",))
    refused = reads.post(path, {"name": "East"}, format="json")
    assert refused.json()["code"] == "scope_missing"
    assert caller(owner_of(make_merchant())).get(path).json()["results"] == []


def test_a_role_and_its_places_are_changed(merchant: Merchant) -> None:
    store = make_store(merchant=merchant)
    person = make_staff(store)
    member = person.memberships.get()
    south = StoreGroup.objects.create(merchant=merchant, name="South")
    south.stores.add(store)
    api = caller(owner_of(merchant))
    path = f"/api/v1/staff/{member.pk}"
    body = {"role": "manager", "limited": True, "stores": [], "groups": [south.pk]}
    changed = api.patch(path, body, format="json").json()
    assert (changed["role"], changed["limited"]) == ("manager", True)
    assert (changed["store_ids"], changed["group_ids"]) == ([], [south.pk])
    assert stores_where(person, Right.EDIT_STORES).get() == store
    whole = api.patch(path, {"limited": False}, format="json")
    assert (whole.status_code, list(whole.json()["fields"])) == (400, ["limited"])
    assert StaffMembership.objects.get(pk=member.pk).limited
    strange = api.patch(path, {"stores": [make_store().pk]}, format="json")
    assert list(strange.json()["fields"]) == ["stores"]


def test_what_a_change_leaves_out_stands_as_it_is_now(merchant: Merchant) -> None:
    first, second = (make_store(merchant=merchant) for _ in range(2))
    member = make_staff(first).memberships.get()
    owner = owner_of(merchant)
    change_staff(membership_id=member.pk, by=owner, stores=[second])
    change_staff(membership_id=member.pk, by=owner, role="manager", limited=True)
    changed = change_staff(membership_id=member.pk, by=owner, role="reader")
    assert (changed.role, changed.limited, changed.stores.get()) == ("reader", True, second)
    group = save_group(merchant=merchant, name="South", stores=[first], by=owner)
    stale = StoreGroup.objects.get(pk=group.pk)
    save_group(merchant=merchant, name="Harbour", stores=[second], by=owner, group=group)
    saved = save_group(merchant=merchant, by=owner, group=stale)
    assert (saved.name, saved.stores.get()) == ("Harbour", second)
    delete_group(group=group, by=owner)
    with pytest.raises(NotFound):
        save_group(merchant=merchant, name="Harbour", by=owner, group=saved)
    assert not StoreGroup.objects.exists()


def test_nobody_who_has_left_is_brought_back_by_a_change(merchant: Merchant) -> None:
    person = make_staff(make_store(merchant=merchant))
    member = person.memberships.get()
    owner = owner_of(merchant)
    remove_staff(merchant=merchant, user=person, by=owner)
    path = f"/api/v1/staff/{member.pk}"
    assert caller(owner).patch(path, {}, format="json").status_code == 404
    for gone in (member.pk, 0):
        with pytest.raises(NotFound):
            change_staff(membership_id=gone, by=owner)
    member.refresh_from_db()
    assert not member.active


def test_a_manager_makes_no_owner_and_the_last_owner_stays(merchant: Merchant) -> None:
    store = make_store(merchant=merchant)
    manager, clerk = make_staff(store, role="manager"), make_staff(store)
    owner = owner_of(merchant)
    path = f"/api/v1/staff/{clerk.memberships.get().pk}"
    body = {"role": "owner", "stores": []}
    refused = caller(manager).patch(path, body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_yours")
    own = merchant.staff.get(user=owner)
    last = caller(owner).patch(f"/api/v1/staff/{own.pk}", {"role": "manager"}, format="json")
    assert last.json()["code"] == "last_owner"


def test_a_reply_is_written_changed_and_taken_away() -> None:
    store = make_store()
    voucher = make_voucher(product=make_product(stores=[store]))
    redeem(voucher, store=store, staff=owner_of(store.merchant))
    review = write_review(author=voucher.owner, voucher_id=voucher.pk, rating=4)
    api = caller(owner_of(store.merchant))
    path = f"/api/v1/reviews/{review.pk}/reply"
    for text in ("Thank you.", "Thank you, come again."):
        told = api.put(path, {"text": text}, format="json")
        assert (told.status_code, told.json()["reply"]) == (200, text)
    assert list(api.put(path, {"text": "  "}, format="json").json()["fields"]) == ["text"]
    assert api.delete(path).status_code == api.delete(path).status_code == 204
    assert Review.objects.get().reply == ""
    stranger = caller(make_user())
    assert stranger.put(path, {"text": "Mine"}, format="json").status_code == 404
