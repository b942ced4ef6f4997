"""One table says who may do what; docs/roles.md shows it; scope keeps people to their places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from rest_framework.test import APIClient

from kernel.errors import InvalidInput, NotFound
from members.models import User
from stores.access import access_store_for_staff, role_of, stores_for_staff
from stores.errors import LastPlatformOwner, RightMissing, RoleNotYours, StoreOfAnotherMerchant
from stores.models import PlatformRole, StaffMembership, Store
from stores.rights import (
    COUNTER,
    OFFICE_ROLES,
    PLATFORM_ONLY,
    PLATFORM_RIGHTS,
    ROLE_RIGHTS,
    Right,
    may,
    merchants_where,
    platform_rights,
    standings_of,
    stores_where,
)
from stores.services.groups import delete_group, save_group
from stores.services.platform import give_platform_role, take_platform_role
from stores.services.staff import add_staff
from tests.factories import Cast, cast, make_store, make_user

DOCS = Path(__file__).parents[2] / "docs" / "roles.md"


def rows_of(heading: str) -> dict[str, set[str]]:
    """The rights of each role as docs/roles.md shows them below ``heading``."""
    section = DOCS.read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    roles = [cell.strip(" `") for cell in table[0].strip("|").split("|")][1:]
    found: dict[str, set[str]] = {role: set() for role in roles}
    for line in table[2:]:
        right, *marks = [cell.strip(" `") for cell in line.strip("|").split("|")]
        for role, mark in zip(roles, marks, strict=True):
            if mark == "●":
                found[role].add(right.split(" ")[0].strip("`"))
    return found


@pytest.mark.parametrize(
    ("heading", "table"),
    [("A merchant's staff", ROLE_RIGHTS), ("The operator's people", PLATFORM_RIGHTS)],
)
def test_the_document_shows_the_table_of_the_code(heading: str, table: Any) -> None:
    shown = rows_of(heading)
    assert shown == {str(role): {right.value for right in rights} for role, rights in table.items()}


def test_every_role_has_its_rights() -> None:
    assert set(ROLE_RIGHTS) == set(StaffMembership.Role)
    assert set(PLATFORM_RIGHTS) == set(PlatformRole.Role)
    for rights in ROLE_RIGHTS.values():
        assert not rights & PLATFORM_ONLY
    for rights in PLATFORM_RIGHTS.values():
        assert not rights & COUNTER, "the operator's people redeem nothing"


def test_finance_sees_money_and_no_codes_and_a_reader_changes_nothing() -> None:
    finance, reader = ROLE_RIGHTS["finance"], ROLE_RIGHTS["reader"]
    assert Right.SEE_MONEY in finance and Right.SEE_VOUCHERS not in finance
    writes = {right for right in finance | reader if not right.value.startswith("see_")}
    assert writes == {Right.EDIT_COSTS} and not writes & reader
    assert not reader & COUNTER


def test_every_page_of_the_back_office_names_the_right_that_shows_it() -> None:
    for model, page in admin.site._registry.items():
        assert page.see is not None, model
        changes = {"add", "change", "delete"} & (page.operator_may | page.merchant_may)
        assert page.edit is not None or not changes, f"{model}: nobody may {changes}"


pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


def staff(people: Cast, role: str, **where: Any) -> User:
    user = make_user()
    add_staff(merchant=people.merchant, user=user, role=role, **where)
    return user


@pytest.mark.parametrize("role", list(ROLE_RIGHTS))
def test_whoever_works_for_the_whole_business_holds_the_role_s_rights_there(
    role: str, people: Cast
) -> None:
    where = {"stores": [people.store]} if role == "clerk" else {}
    user = staff(people, role, **where)
    for right in Right:
        holds = right in ROLE_RIGHTS[role]
        assert may(user, right, store_id=people.store.pk) is holds
        assert may(user, right, merchant_id=people.merchant.pk) is (holds and role != "clerk")
        assert not may(user, right, merchant_id=people.other_merchant.pk)
        assert not may(user, right)
    assert user.is_staff is (role in OFFICE_ROLES)


@pytest.mark.parametrize("role", list(PLATFORM_RIGHTS))
def test_the_operator_s_people_hold_theirs_with_every_merchant(role: str, people: Cast) -> None:
    user = make_user()
    give_platform_role(user=user, role=role)
    for right in Right:
        holds = right in PLATFORM_RIGHTS[role]
        assert may(user, right) is holds
        assert may(user, right, merchant_id=people.merchant.pk) is holds
    assert (user.is_staff, user.is_superuser) == (True, role == "owner")
    assert role_of(user) == "operator"
    user.is_active = False
    assert not platform_rights(user)


@pytest.mark.parametrize("role", ["manager", "reader", "clerk"])
def test_a_limit_keeps_people_to_their_stores_and_groups(role: str, people: Cast) -> None:
    third = make_store(merchant=people.merchant)
    group = save_group(merchant=people.merchant, name="South", stores=[third], by=people.owner)
    user = staff(people, role, stores=[people.store], groups=[group], limited=role != "clerk")
    right = Right.REDEEM if role == "clerk" else Right.SEE_STORES
    assert set(stores_where(user, right)) == {people.store, third}
    assert not merchants_where(user, right).exists()
    assert not may(user, right, store_id=people.other_store.pk)
    (standing,) = standings_of(user)
    assert standing.stores == {people.store.pk, third.pk}


@pytest.mark.parametrize("role", ["manager", "clerk"])
def test_a_scan_asks_the_same_question(role: str, people: Cast) -> None:
    """The prepared query of the counter and the rows of the table agree, store by store."""
    third = make_store(merchant=people.merchant)
    group = save_group(merchant=people.merchant, name="South", stores=[third], by=people.owner)
    user = staff(people, role, groups=[group], limited=role != "clerk")
    for right in (Right.REDEEM, Right.UNDO):
        allowed = set()
        for store in Store.objects.all():
            try:
                allowed.add(access_store_for_staff(user=user, store_id=store.pk, right=right))
            except NotFound:
                continue
        assert allowed == set(stores_where(user, right)) == {third}
    assert list(stores_for_staff(user)) == [third]


def test_whoever_is_not_limited_scans_at_every_store_beside_others_who_are(people: Cast) -> None:
    staff(people, "manager", stores=[people.other_store], limited=True)
    for user in (people.owner, people.teammate):
        for store in (people.store, people.other_store):
            assert access_store_for_staff(user=user, store_id=store.pk) == store
    assert access_store_for_staff(user=people.clerk, store_id=people.store.pk) == people.store
    for user in (people.clerk, people.stranger, people.buyer):
        with pytest.raises(NotFound):
            access_store_for_staff(user=user, store_id=people.other_store.pk)
    with pytest.raises(RightMissing):
        access_store_for_staff(user=people.operator, store_id=people.other_store.pk)


def test_a_reader_with_stores_does_not_redeem_there(people: Cast) -> None:
    user = staff(people, "reader", stores=[people.store], limited=True)
    with pytest.raises(RightMissing):
        access_store_for_staff(user=user, store_id=people.store.pk)


def test_a_store_that_leaves_its_group_is_left_at_once(people: Cast) -> None:
    group = save_group(
        merchant=people.merchant, name="South", stores=[people.store], by=people.owner
    )
    user = staff(people, "manager", groups=[group], limited=True)
    save_group(merchant=people.merchant, name="South", stores=[], by=people.owner, group=group)
    assert not stores_where(user, Right.SEE_STORES).exists()
    assert not merchants_where(user, Right.SEE_STORES).exists()


def test_a_limit_needs_places_and_a_role_that_can_be_limited(people: Cast) -> None:
    for role in ("owner", "finance"):
        with pytest.raises(InvalidInput):
            staff(people, role, stores=[people.store], limited=True)
    with pytest.raises(InvalidInput):
        staff(people, "manager", limited=True)
    foreign = save_group(
        merchant=people.other_merchant, name="Theirs", stores=[], by=people.stranger
    )
    with pytest.raises(StoreOfAnotherMerchant):
        staff(people, "manager", groups=[foreign], limited=True)


def test_a_group_holds_stores_of_its_own_merchant(people: Cast) -> None:
    foreign = make_store(merchant=people.other_merchant)
    with pytest.raises(StoreOfAnotherMerchant):
        save_group(merchant=people.merchant, name="Mixed", stores=[foreign], by=people.owner)
    with pytest.raises(NotFound):
        save_group(merchant=people.merchant, name="Mine", stores=[], by=people.stranger)


def test_a_limited_manager_gives_no_roles(people: Cast) -> None:
    limited = staff(people, "manager", stores=[people.store], limited=True)
    with pytest.raises(RoleNotYours):
        add_staff(
            merchant=people.merchant,
            user=make_user(),
            role="clerk",
            stores=[people.store],
            by=limited,
        )


def test_only_who_may_gives_roles_on_the_platform_and_the_last_owner_stays(people: Cast) -> None:
    finance = make_user()
    give_platform_role(user=finance, role="finance")
    with pytest.raises(RightMissing):
        give_platform_role(user=make_user(), role="support", by=finance)
    with pytest.raises(LastPlatformOwner):
        take_platform_role(user=people.operator, role="owner", by=people.operator)
    take_platform_role(user=finance, role="finance", by=people.operator)
    assert not platform_rights(finance) and not finance.is_staff
    with pytest.raises(NotFound):
        take_platform_role(user=finance, role="finance", by=people.operator)


def test_a_deleted_group_opens_no_store_any_more(people: Cast) -> None:
    group = save_group(
        merchant=people.merchant, name="South", stores=[people.store], by=people.owner
    )
    user = staff(people, "manager", groups=[group], limited=True)
    with pytest.raises(NotFound):
        delete_group(group=group, by=people.stranger)
    delete_group(group=group, by=people.owner)
    assert not stores_where(user, Right.SEE_STORES).exists()
    assert not merchants_where(user, Right.SEE_STORES).exists()


def test_the_api_tells_who_works_for_a_business_which_right_is_missing(people: Cast) -> None:
    StaffMembership.objects.filter(user=people.teammate).update(role="finance")
    api = APIClient()
    api.force_authenticate(people.teammate)
    refused = api.get("/api/v1/devices", headers={"accept-language": "en"})
    assert (refused.status_code, refused.json()["code"]) == (403, "right_missing")
    assert "Your role lacks the right to" in refused.json()["detail"]
    api.force_authenticate(people.buyer)
    assert api.get("/api/v1/devices").status_code == 404, "a stranger learns nothing"
