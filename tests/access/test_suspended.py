"""A suspended business: its people read everything that is theirs and change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin

from stores.models import Merchant, StaffMembership
from stores.services.staff import remove_staff
from tests.access.admin_rules import ADD, RIGHTS, SCOPED, get, own, post, url_of
from tests.access.test_admin_writes import _facts, form_of
from tests.access.world import World, rolled_back
from tests.factories import make_merchant, make_store

pytestmark = pytest.mark.django_db
STATES = ("suspended", "rejected", "applied")


@pytest.fixture(params=STATES)
def stopped(request: Any, world: World) -> Iterator[World]:
    Merchant.objects.filter(pk=world.mine.merchant.pk).update(state=request.param)
    yield world


@pytest.mark.parametrize("label", SCOPED)
def test_the_back_office_is_read_only(label: str, world: World) -> None:
    row = own(label, world.mine.merchant).first()
    change = url_of(label, "change", row.pk)
    with rolled_back():
        data = form_of(world, "operator", change)
    Merchant.objects.filter(pk=world.mine.merchant.pk).update(state="suspended")
    before = _facts(row)
    assert get(world, "owner", url_of(label, "changelist")).status_code == 200
    page = get(world, "owner", change)
    assert page.status_code == 200
    assert page.context["has_change_permission"] is False
    with rolled_back():
        assert post(world, "owner", change, data).status_code == 403
    assert get(world, "owner", url_of(label, "add")).status_code == 403
    assert post(world, "owner", url_of(label, "add"), {}).status_code == 403
    assert post(world, "owner", url_of(label, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert _facts(row) == before


ACTIONS = [
    (model._meta.label_lower, action)
    for model, page in admin.site._registry.items()
    for action in page.actions or ()
    if RIGHTS[model._meta.label_lower].merchant
]


@pytest.mark.parametrize(("label", "action"), ACTIONS)
def test_no_action_changes_a_row(label: str, action: str, stopped: World) -> None:
    row = own(label, stopped.mine.merchant).first()
    before = _facts(row)
    data = {"action": action, "_selected_action": [row.pk], "confirmed": "yes"}
    post(stopped, "owner", url_of(label, "changelist"), data)
    assert _facts(row) == before


def test_a_list_says_why_nothing_can_be_changed(stopped: World) -> None:
    page = get(stopped, "owner", url_of("stores.store", "changelist")).content.decode()
    assert "This business is suspended or not approved" in page


def test_a_second_business_that_is_open_does_not_open_the_first(world: World) -> None:
    """Who runs both edits the one, in lists and forms too, and reads the other."""
    other = make_merchant(owner=world.people["owner"], name_en="Second of the owner")
    make_store(merchant=other)
    Merchant.objects.filter(pk=world.mine.merchant.pk).update(state="suspended")
    url = url_of("stores.store", "change", world.mine.store.pk)
    assert post(world, "owner", url, {"name_en": "Changed"}).status_code == 403
    assert get(world, "owner", url_of("stores.store", "change", other.stores.get().pk)).context[
        "has_change_permission"
    ]
    for label in (label for label in SCOPED if ADD in RIGHTS[label].owner):
        form = get(world, "owner", url_of(label, "add")).context["adminform"].form
        if "merchant" in form.fields:
            assert list(form.fields["merchant"].queryset) == [other]
    product = world.mine.product
    data = {"action": "take_down", "_selected_action": [product.pk], "confirmed": "yes"}
    post(world, "owner", url_of("catalog.product", "changelist"), data)
    product.refresh_from_db()
    assert product.state == "active"


# Who may give which role ---------------------------------------------------------------------


def _membership(world: World, role: str) -> StaffMembership:
    return StaffMembership.objects.get(merchant=world.mine.merchant, user=world.people[role])


def _staff_form(world: World, who: str, member: StaffMembership, **changes: Any) -> Any:
    url = url_of("stores.staffmembership", "change", member.pk)
    return post(world, who, url, form_of(world, who, url, **changes))


def test_a_manager_makes_nobody_an_owner_and_touches_none(world: World) -> None:
    manager = _membership(world, "clerk")
    StaffMembership.objects.filter(pk=manager.pk).update(role="manager")
    world.people["clerk"].memberships.update(role="manager")
    type(world.people["clerk"]).objects.filter(pk=world.people["clerk"].pk).update(is_staff=True)
    raised = _staff_form(world, "clerk", manager, role="owner")
    assert raised.status_code == 200
    assert "role" in raised.context["adminform"].form.errors
    founder = _membership(world, "owner")
    url = url_of("stores.staffmembership", "change", founder.pk)
    assert get(world, "clerk", url).context["has_change_permission"] is False
    assert post(world, "clerk", url, {"role": "clerk", "active": ""}).status_code == 403
    assert _membership(world, "owner").role == "owner"
    assert _membership(world, "clerk").role == "manager"


@pytest.mark.parametrize("who", ["owner", "operator"])
@pytest.mark.parametrize("changes", [{"role": "manager"}, {"active": ""}])
def test_the_last_owner_stays(who: str, changes: dict[str, str], world: World) -> None:
    answer = _staff_form(world, who, _membership(world, "owner"), **changes)
    assert answer.status_code == 200
    assert _membership(world, "owner").role == "owner"
    assert _membership(world, "owner").active


def test_an_owner_makes_another_and_may_go_then(world: World) -> None:
    # An owner is for the whole business: the stores of the clerk are taken out first.
    raised = _staff_form(world, "owner", _membership(world, "clerk"), role="owner", stores=[])
    assert raised.status_code == 302
    assert _staff_form(world, "owner", _membership(world, "owner"), active="").status_code == 302
    assert not _membership(world, "owner").active


def test_a_clerk_without_a_store_is_refused_at_the_field(world: World) -> None:
    member = _membership(world, "clerk")
    answer = _staff_form(world, "owner", member, stores=[])
    assert answer.status_code == 200
    assert "stores" in answer.context["adminform"].form.errors


@pytest.mark.parametrize("label", SCOPED)
def test_a_suspended_owner_sees_no_row_of_others_and_a_manager_what_the_owner_sees(
    label: str, world: World
) -> None:
    """Lists and rows; the walk over the site's own addresses is in test_urls."""
    url = url_of(label, "changelist")
    shown = {
        role: set(get(world, role, url).context["cl"].queryset.values_list("pk", flat=True))
        for role in ("owner", "manager", "suspended_owner")
    }
    mine = set(own(label, world.mine.merchant).values_list("pk", flat=True))
    theirs = set(own(label, world.theirs.merchant).values_list("pk", flat=True))
    assert shown["owner"] == shown["manager"] == mine
    assert not shown["suspended_owner"] & (mine | theirs)
    for pk in (*list(mine)[:2], *list(theirs)[:2]):
        page = get(world, "suspended_owner", url_of(label, "change", pk))
        assert page.status_code in {302, 403, 404}


def test_a_removed_manager_is_led_out_of_the_back_office_at_once(world: World) -> None:
    """The session stays signed in, and opens nothing of the business."""
    url = url_of("vouchers.voucher", "changelist")
    assert get(world, "manager", url).status_code == 200
    remove_staff(merchant=world.mine.merchant, user=world.people["manager"])
    assert get(world, "manager", url).status_code == 302
