"""Who gives which role to whom; the last owner stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from kernel.errors import InvalidInput
from stores.errors import LastOwner, NotTrading, RoleNotYours
from stores.models import Merchant, StaffMembership
from stores.services.staff import add_staff, assignable_roles, remove_staff
from tests.factories import Cast, cast, make_merchant, make_user

pytestmark = pytest.mark.django_db
ROLES = ("owner", "manager", "clerk")


def give(people: Cast, role: str, *, by: Any, to: Any = None) -> StaffMembership:
    return add_staff(
        merchant=people.merchant,
        user=to or make_user(),
        role=role,
        stores=[people.store] if role == "clerk" else [],
        by=by,
    )


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("owner", {"owner", "manager", "clerk", "finance", "reader"}),
        ("operator", {"owner", "manager", "clerk", "finance", "reader"}),
        ("teammate", {"manager", "clerk", "finance", "reader"}),
        ("clerk", set()),
        ("stranger", set()),
        ("buyer", set()),
    ],
)
def test_an_owner_gives_every_role_a_manager_those_below(who: str, may: set[str]) -> None:
    people = cast()
    by = getattr(people, who)
    assert assignable_roles(by=by, merchant=people.merchant) == may
    for role in ROLES:
        if role in may:
            assert give(people, role, by=by).role == role
        else:
            with pytest.raises(RoleNotYours):
                give(people, role, by=by)


def test_nobody_raises_themselves() -> None:
    people = cast()
    for person in (people.teammate, people.clerk):
        with pytest.raises(RoleNotYours):
            give(people, "owner", by=person, to=person)
    with pytest.raises(RoleNotYours):
        give(people, "manager", by=people.clerk, to=people.clerk)


def test_a_manager_neither_lowers_nor_removes_an_owner_present_or_past() -> None:
    people = cast()
    second = make_user()
    give(people, "owner", by=people.owner, to=second)
    with pytest.raises(RoleNotYours):
        give(people, "clerk", by=people.teammate, to=second)
    with pytest.raises(RoleNotYours):
        remove_staff(merchant=people.merchant, user=second, by=people.teammate)
    remove_staff(merchant=people.merchant, user=second, by=people.owner)
    with pytest.raises(RoleNotYours):
        give(people, "manager", by=people.teammate, to=second)


def test_a_role_elsewhere_gives_no_rights_here() -> None:
    people = cast()
    make_merchant(owner=people.teammate)
    with pytest.raises(RoleNotYours):
        give(people, "owner", by=people.teammate)
    with pytest.raises(RoleNotYours):
        remove_staff(merchant=people.merchant, user=people.clerk, by=people.stranger)


def test_the_last_owner_stays_whoever_decides() -> None:
    people = cast()
    for by in (people.owner, people.operator, None):
        with pytest.raises(LastOwner):
            remove_staff(merchant=people.merchant, user=people.owner, by=by)
        with pytest.raises(LastOwner):
            give(people, "manager", by=by, to=people.owner)


def test_an_owner_whose_account_is_switched_off_does_not_count() -> None:
    people = cast()
    second = make_user(is_active=False)
    give(people, "owner", by=None, to=second)
    with pytest.raises(LastOwner):
        remove_staff(merchant=people.merchant, user=people.owner, by=people.owner)
    remove_staff(merchant=people.merchant, user=second, by=people.owner)


def test_a_clerk_has_a_store_to_stand_in() -> None:
    people = cast()
    with pytest.raises(InvalidInput) as refused:
        add_staff(merchant=people.merchant, user=make_user(), role="clerk", by=people.owner)
    assert set(refused.value.extra["fields"]) == {"stores"}


@pytest.mark.parametrize("state", ["suspended", "applied", "rejected"])
def test_people_of_a_business_that_is_not_approved_change_no_staff(state: str) -> None:
    people = cast()
    Merchant.objects.filter(pk=people.merchant.pk).update(state=state)
    with pytest.raises(NotTrading):
        give(people, "manager", by=people.owner)
    with pytest.raises(NotTrading):
        remove_staff(merchant=people.merchant, user=people.clerk, by=people.owner)
    remove_staff(merchant=people.merchant, user=people.clerk, by=people.operator)


@pytest.mark.parametrize("who", ["owner", "operator"])
def test_who_has_left_comes_back_by_a_yes_of_their_own_alone(client: Client, who: str) -> None:
    """The row is read, never switched on again: an invitation asks them."""
    people = cast()
    remove_staff(merchant=people.merchant, user=people.clerk, by=people.owner)
    row = StaffMembership.objects.get(merchant=people.merchant, user=people.clerk)
    client.force_login(getattr(people, who))
    url = reverse("admin:stores_staffmembership_change", args=[row.pk])
    assert client.get(url).status_code == 200
    form = {"role": "clerk", "stores": [people.store.pk], "active": "on"}
    assert client.post(url, form).status_code == 403
    row.refresh_from_db()
    assert not row.active


def api_of(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_staff_are_listed_and_removed_by_api_as_on_the_page() -> None:
    people = cast()
    rows = api_of(people.owner).get("/api/v1/staff").json()["results"]
    by_name = {row["person"]: row for row in rows}
    clerk = by_name[people.clerk.display_name]
    assert (clerk["role"], clerk["limited"]) == ("clerk", True)
    assert clerk["stores"] == [people.store.name]
    owner = by_name[people.owner.display_name]
    assert (owner["limited"], owner["merchant"]) == (False, people.merchant.slug)
    assert people.stranger.display_name not in by_name
    refused = api_of(people.teammate).delete(f"/api/v1/staff/{owner['id']}")
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_yours")
    last = api_of(people.owner).delete(f"/api/v1/staff/{owner['id']}")
    assert (last.status_code, last.json()["code"]) == (409, "last_owner")
    assert api_of(people.stranger).delete(f"/api/v1/staff/{clerk['id']}").status_code == 404
    assert api_of(people.teammate).delete(f"/api/v1/staff/{clerk['id']}").status_code == 204
    assert api_of(people.teammate).delete(f"/api/v1/staff/{clerk['id']}").status_code == 404
    assert not StaffMembership.objects.get(pk=clerk["id"]).active
    assert api_of(people.clerk).get("/api/v1/staff").status_code == 404
