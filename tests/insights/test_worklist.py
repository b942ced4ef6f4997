"""The overview's To do names what its reader does, where they do it; console and back office lead to each other."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from kernel.watch.services import report_incident
from members.models import User
from payments.agreements import PAYOUT
from payments.models import Refund, Statement
from reviews.services.reviews import write_review
from stores.models import Merchant, StaffMembership
from stores.services.approvals import approve, ask, waiting_for
from stores.services.platform import give_platform_role
from tests.factories import (
    Cast,
    cast,
    make_merchant,
    make_product,
    make_staff,
    make_store,
    make_user,
    make_voucher,
    redeem,
)
from tests.stores.test_refused_forms import _statement
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db


def todo(user: object) -> str:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    page = client.get(reverse("admin:index")).content.decode()
    return page.split('id="todo"')[1].split("</section>")[0]


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


@pytest.fixture
def work(people: Cast) -> Cast:
    """One of every kind of work."""
    make_merchant(state="applied")
    _statement()
    report_incident(kind="catalog.card", subject="product:1", error="cannot be drawn")
    product = make_product(merchant=people.merchant, stock=3)
    voucher = make_voucher(product=product, owner=people.buyer)
    redeem(voucher, store=people.store, staff=people.clerk)
    write_review(author=people.buyer, voucher_id=voucher.pk, rating=4, text="Good")
    failed = make_voucher(product=make_product(merchant=people.merchant), owner=people.buyer)
    refund_voucher(owner=people.buyer, voucher_id=failed.pk)
    Refund.objects.update(state=Refund.State.FAILED)
    make_product(merchant=people.merchant, state="draft")
    return people


def of_the_desk(role: str) -> User:
    user = make_user("operator" if role == "owner" else "customer")
    give_platform_role(user=user, role=role)
    return user


WORK = {
    "decide": "waits for your decision",
    "payout": "ask for its payout",
    "refund": "failed at its gateway",
    "incident": "left out or skipped",
}


@pytest.mark.parametrize(
    ("role", "does"),
    [
        ("owner", {"decide", "payout", "refund", "incident"}),
        ("finance", {"payout", "refund"}),
        ("support", set()),
        ("risk", set()),
    ],
)
def test_the_operators_people_are_told_of_their_own_work(
    work: Cast, role: str, does: set[str]
) -> None:
    told = todo(of_the_desk(role))
    assert {name for name, words in WORK.items() if words in told} == does


def test_what_waits_for_a_second_person_is_counted_for_that_person_alone(work: Cast) -> None:
    asks, agrees = of_the_desk("owner"), of_the_desk("finance")
    ask(kind=PAYOUT, payload={"statement": Statement.objects.get().pk}, by=asks)
    assert "ask for its payout" not in todo(asks) + todo(agrees)
    assert "as the second person" in todo(agrees) and "second person" not in todo(asks)
    (request,) = waiting_for(agrees)
    approve(approval_id=request.pk, digest=request.digest, by=agrees)
    assert "make its transfer" in todo(asks)


def test_a_merchants_people_are_told_of_their_own_work(work: Cast) -> None:
    told = todo(work.owner)
    assert "waits for your reply" in told and "not on sale yet" in told
    StaffMembership.objects.filter(user=work.teammate).update(role="reader")
    assert "All done" in todo(work.teammate)


def test_what_somebody_only_reads_elsewhere_is_not_counted(work: Cast) -> None:
    own = make_merchant(owner=work.stranger)
    make_store(merchant=own)
    StaffMembership.objects.create(merchant=work.merchant, user=work.stranger, role="reader")
    told = todo(work.stranger)
    assert "waits for your reply" not in told and "not on sale yet" not in told


def test_a_suspended_business_has_nothing_to_do(work: Cast) -> None:
    Merchant.objects.filter(pk=work.merchant.pk).update(state="suspended")
    assert "waits for your reply" not in todo(work.owner)


def test_console_and_back_office_lead_to_each_other_for_who_works_in_both(people: Cast) -> None:
    office, counter = reverse("admin:index"), reverse("console_home")
    store = reverse("console_store", args=[people.store.pk])
    for user, both in ((people.teammate, True), (people.clerk, False)):
        client = Client()
        client.force_login(user)
        assert (f'href="{office}"' in client.get(store).content.decode()) == both
        if both:
            assert f'href="{counter}"' in client.get(office).content.decode()
    client = Client()
    for role in ("finance", "reader"):  # they read a store's days there
        client.force_login(make_staff(people.store, role=role))
        assert f'href="{counter}"' in client.get(office).content.decode()
        assert client.get(counter, follow=True).status_code == 200
    Merchant.objects.filter(pk=people.merchant.pk).update(state="suspended")
    client.force_login(people.teammate)
    assert f'href="{counter}"' not in client.get(office).content.decode(), "nothing is redeemed"
    Merchant.objects.filter(pk=people.merchant.pk).update(state="approved")
    client = Client()
    client.force_login(people.clerk)
    client.get(counter)
    assert f'href="{counter}"' in client.get("/").content.decode()
    client.force_login(people.operator)
    assert f'href="{counter}"' not in client.get("/").content.decode(), "another's browser"
    assert f'href="{counter}"' not in client.get(office).content.decode()
