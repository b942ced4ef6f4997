"""Every role of the staff and of the operator's people × every page of the back office: 0 leaks.

What a role may stands in stores.rights; here the pages are opened and written to, one by one.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from stores.models import Merchant
from stores.rights import PLATFORM_RIGHTS, ROLE_RIGHTS, Right
from tests.access.admin_rules import (
    REGISTERED,
    RIGHTS,
    SOME,
    get,
    own,
    rows,
    url_of,
)
from tests.access.world import FOREIGN, World, rolled_back
from tests.forms import LONG
from vouchers.models import Voucher

pytestmark = pytest.mark.django_db

PAGES = {model._meta.label_lower: page for model, page in admin.site._registry.items()}
STAFF = {"finance": "finance", "reader": "reader"}
DESKS = {"support": "support", "desk_finance": "finance", "risk": "risk"}
OF_A_STORE = {
    label: page.store_path for label, page in PAGES.items() if page.store_path is not None
}


def sees(label: str, rights: frozenset[Right]) -> bool:
    """Whether a page is shown: approvals by the rights of their kinds, all others by ``see``."""
    if label == "stores.approval":
        return bool(rights & {Right.PAY_OUT, Right.SET_COMMISSION, Right.GIVE_ROLES})
    return PAGES[label].see in rights


@pytest.mark.parametrize("label", REGISTERED)
def test_a_role_of_the_staff_sees_what_its_rights_say_of_its_own_merchant(
    label: str, world: World
) -> None:
    for person, role in STAFF.items():
        shown = sees(label, ROLE_RIGHTS[role]) and "view" in PAGES[label].merchant_may
        listed = get(world, person, url_of(label, "changelist"))
        assert listed.status_code == (200 if shown else 403), person
        if not shown or RIGHTS[label].open:
            continue
        assert listed.context["cl"].result_count == own(label, world.mine.merchant).count()
        assert FOREIGN not in listed.content.decode()


@pytest.mark.parametrize("label", REGISTERED)
def test_a_role_of_the_platform_sees_what_its_rights_say(label: str, world: World) -> None:
    for person, role in DESKS.items():
        shown = sees(label, PLATFORM_RIGHTS[role])
        listed = get(world, person, url_of(label, "changelist"))
        assert listed.status_code == (200 if shown else 403), person
        row = rows(label).first()
        page = get(world, person, url_of(label, "change", row.pk))
        assert page.status_code == (200 if shown else 403), person
        if not shown:
            words = page.content.decode()
            assert "Your role lacks the right to" in words, (label, person)
            assert "owner of the platform" in words, (label, "the platform's owner may all")
            assert "of the platform of the platform" not in words
            assert "ask its manager" not in words, "nobody's manager is theirs"


@pytest.mark.parametrize("label", REGISTERED)
def test_one_s_own_without_the_right_is_403_and_names_it_and_a_stranger_s_is_404(
    label: str, world: World
) -> None:
    """One rule on every page of the back office, for the roles of a merchant's staff."""
    if not RIGHTS[label].merchant:
        return
    mine = own(label, world.mine.merchant).first()
    theirs = own(label, world.theirs.merchant).first()
    for person, role in STAFF.items():
        if sees(label, ROLE_RIGHTS[role]) and "view" in PAGES[label].merchant_may:
            continue
        if mine is not None:
            page = get(world, person, url_of(label, "change", mine.pk))
            assert page.status_code == 403, (label, person)
            words = page.content.decode()
            assert str(PAGES[label].see.label) in words, (label, person)
            assert f'href="{reverse("admin:index")}"' in words, "and leads on"
        if theirs is not None:
            page = get(world, person, url_of(label, "change", theirs.pk))
            assert page.status_code == 404, (label, person)


@pytest.mark.parametrize("label", REGISTERED)
def test_whoever_only_sees_changes_nothing(label: str, world: World) -> None:
    """Add, change, delete and every action, tried by each role that lacks the right."""
    people = [(p, ROLE_RIGHTS[r]) for p, r in STAFF.items()]
    desks = [(p, PLATFORM_RIGHTS[r]) for p, r in DESKS.items()]
    place = REGISTERED.index(label)
    if not LONG:  # one of each kind, on every page another
        people, desks = [people[place % len(people)]], [desks[place % len(desks)]]
    for person, rights in (*people, *desks):
        page, row = PAGES[label], rows(label).first()
        if RIGHTS[label].merchant:
            row = own(label, world.mine.merchant).first()
        if page.edit not in rights:
            for name, args in (("add", ()), ("change", (row.pk,)), ("delete", (row.pk,))):
                answer = write(world, person, url_of(label, name, *args), {"post": "yes"})
                assert answer.status_code in {403, 404}, (person, name)
        check_actions(world, person, label, row, rights)


def check_actions(
    world: World, person: str, label: str, row: Model, rights: frozenset[Right]
) -> None:
    page = PAGES[label]
    if label == "stores.merchant" or (page.act or page.edit) in rights:
        return  # its actions are a right each: test_the_steps_of_a_merchant
    if not page.actions or not sees(label, rights):
        return
    listed = get(world, person, url_of(label, "changelist"))
    if listed.status_code != 200:
        return
    assert not listed.context["cl"].model_admin.get_actions(listed.wsgi_request), (person, label)


def write(world: World, person: str, url: str, data: dict[str, Any]) -> Any:
    with rolled_back():
        return world.visitor(person).post(url, data)


def test_the_steps_of_a_merchant_are_a_right_each(world: World) -> None:
    offered = {
        person: set(
            PAGES["stores.merchant"].get_actions(
                get(world, person, url_of("stores.merchant", "changelist")).wsgi_request
            )
        )
        for person in ("owner", "reader", *DESKS, "operator")
    }
    assert offered == {
        "owner": set(),
        "reader": set(),
        "support": set(),
        "desk_finance": {"change_rate"},
        "risk": {"suspend", "reinstate"},
        "operator": {"approve", "reject", "suspend", "reinstate", "change_rate"},
    }


def test_risk_suspends_from_the_list(world: World) -> None:
    url = url_of("stores.merchant", "changelist")
    data = {"action": "suspend", "confirmed": "yes", "_selected_action": [world.mine.merchant.pk]}
    with rolled_back():
        world.visitor("risk").post(url, data)
        assert Merchant.objects.get(pk=world.mine.merchant.pk).state == "suspended"
    with rolled_back():
        world.visitor("support").post(url, data)
        assert Merchant.objects.get(pk=world.mine.merchant.pk).state == "approved"


@pytest.mark.parametrize("label", REGISTERED)
def test_a_manager_of_one_store_sees_only_it(label: str, world: World) -> None:
    listed = get(world, "local_manager", url_of(label, "changelist"))
    if label not in OF_A_STORE:
        assert listed.status_code == 403
        return
    assert listed.status_code == 200
    way = OF_A_STORE[label] or "pk"
    here = rows(label).filter(**{way: world.second_store.pk})
    assert listed.context["cl"].result_count == here.count()
    for row in own(label, world.mine.merchant).exclude(pk__in=here.values("pk"))[:SOME]:
        page = get(world, "local_manager", url_of(label, "change", row.pk))
        assert page.status_code == 404
    if label == "stores.store":
        change = get(world, "local_manager", url_of(label, "change", world.second_store.pk))
        assert change.context["has_change_permission"]
        assert get(world, "local_manager", url_of(label, "add")).status_code == 403


def test_finance_sees_money_and_no_codes(world: World) -> None:
    """Of every page that opens, and of every row on it; a ledger row is named by last digits only."""
    codes = list(Voucher.objects.values_list("code", flat=True))
    opened = 0
    for label in REGISTERED:
        if get(world, "finance", url_of(label, "changelist")).status_code != 200:
            continue
        urls = [url_of(label, "changelist"), reverse("admin:index")]
        urls += [url_of(label, "change", row.pk) for row in own(label, world.mine.merchant)[:SOME]]
        for url in urls:
            text = get(world, "finance", url).content.decode()
            opened += 1
            for code in codes:
                assert code not in text and f"{code[:4]} {code[4:8]} {code[8:]}" not in text, url
    assert opened > 6
    for label in ("vouchers.voucher", "vouchers.redemption"):
        assert get(world, "finance", url_of(label, "changelist")).status_code == 403
    for label in ("payments.statement", "payments.payout", "payments.ledgerentry"):
        assert get(world, "finance", url_of(label, "changelist")).status_code == 200


@pytest.mark.parametrize("person", [*STAFF, "local_manager", *DESKS])
def test_the_first_page_opens_for_every_role_and_leads_where_it_may_go(
    person: str, world: World
) -> None:
    page = get(world, person, reverse("admin:index"))
    assert page.status_code == 200
    text = page.content.decode()
    for label in REGISTERED:
        url = url_of(label, "changelist")
        if f'class="nav-link" href="{url}' in text:
            assert get(world, person, url).status_code == 200, url
    for task in page.context["tasks"]:
        assert get(world, person, task["url"]).status_code == 200, task
    if person != "local_manager":
        assert FOREIGN not in text or person in DESKS
