"""What came of a code: exact, per code and day, from scan to visit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from insights.codes import CameOfCode, came_of, code_days, code_figures
from insights.funnel import funnel_of
from insights.invariants_facts import FACTS
from insights.selectors import busiest_stores, redemptions_by_day
from kernel import clock
from kernel.facts.models import Fact
from kernel.facts.services import flush_facts
from members.services.accounts import issue_token
from orders.models import Order, OrderSource
from stores.codes.models import Code, CodeDay
from stores.codes.services import CodeAsked, make_code
from tests.factories import make_product, make_store, make_user, pay_order, redeem
from tests.orders.test_sources import Guest, Shop, make_code_of, people  # noqa: F401
from vouchers.models import Voucher
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db


def broken() -> list[Any]:
    found = []
    with connection.cursor() as cursor:
        for invariant in FACTS:
            cursor.execute(invariant.sql)
            found += cursor.fetchall()
    return found


@pytest.fixture
def story(people: Shop) -> tuple[Shop, Code]:  # noqa: F811
    """Three guests scan; two order, one of them twice; one order is paid and redeemed, one refunded."""
    code = make_code_of(people.store)
    came, refunded, looked = Guest(), Guest(), Guest()
    for guest in (came, came, refunded, looked):
        guest.scan(code)
    first = came.buy(people.product)
    came.buy(people.product)
    second = refunded.buy(people.product)
    for order in (first, second):
        pay_order(order)
    voucher = Voucher.objects.get(order_number=first.number)
    redeem(voucher, store=people.store, staff=people.clerk)
    gone = Voucher.objects.get(order_number=second.number)
    refund_voucher(owner=refunded.user, voucher_id=gone.pk)
    return people, code


def test_every_figure_is_what_happened(story: tuple[Shop, Code]) -> None:
    people, code = story  # noqa: F811
    price = people.offer.price_fen
    found = code_figures(code)
    assert (found.scans, found.visitors) == (4, 1), "strangers of one address are one visitor"
    assert (found.began, found.orders, found.paid, found.came) == (3, 3, 2, 1)
    assert (found.paid_fen, found.came_fen) == (price, price)
    today = code_days(code).rows()[0]
    assert today[1:] == (4, 3, 2, price, 1, price)


def test_an_order_at_two_businesses_is_one_order_of_the_platforms_code(people: Shop) -> None:  # noqa: F811
    code = make_code(
        merchant=None,
        asked=CodeAsked(kind="link", name="City", target=f"/products/{people.product.pk}/"),
        by=None,
    )
    guest, second = Guest(), make_product(stores=[make_store()])
    guest.scan(code)
    order = guest.buy(people.product, second)
    pay_order(order)
    found = code_figures(code)
    assert OrderSource.objects.filter(order=order).count() == 2
    assert (found.began, found.orders, found.paid) == (1, 1, 1)
    assert code_days(code).rows()[0][1:4] == (1, 1, 1)


def test_another_code_of_the_business_has_none_of_it(story: tuple[Shop, Code]) -> None:
    people, _code = story  # noqa: F811
    assert set(code_figures(make_code_of(people.store))) == {0}


def test_the_steps_are_counted_from_facts(
    story: tuple[Shop, Code], drain: Callable[..., int]
) -> None:
    people, _code = story  # noqa: F811
    drain()
    guest = Guest("yes")
    guest.client.get("/products/", {"q": "noodles"})
    guest.client.get(reverse("product_detail", args=[people.product.pk]))
    flush_facts()
    found = funnel_of(merchants=[people.merchant.pk])
    assert (found.searched, found.viewed, found.ordered, found.paid, found.redeemed) == (
        *(1, 1, 3, 2, 1),
    )
    assert set(funnel_of(merchants=[0])) == {0}


def test_the_first_page_counts_the_period_that_is_chosen(
    story: tuple[Shop, Code], client: Client
) -> None:
    people, _code = story  # noqa: F811
    client.force_login(people.merchant.staff.get(role="owner").user)
    with clock.at(clock.now() + dt.timedelta(days=20)):
        for asked, days, orders in (("", 30, "3"), ("7", 7, "0"), ("90", 90, "3"), ("8", 30, "3")):
            page = client.get(reverse("admin:index"), {"days": asked} if asked else {})
            assert [row for row in page.context["funnel_days"] if row[1]] == [(days, True)]
            placed = [row for row in page.context["funnel"] if row["title"] == "Order lines placed"]
            assert [row["value"] for row in placed] == [orders]


def test_the_audit_finds_a_missing_fact_and_a_wrong_count(story: tuple[Shop, Code]) -> None:
    # The first day that is kept is not judged: the touches of its early hours may be gone with
    # the month before. So a month before is kept here, whatever day this runs on.
    with clock.at(clock.now() - dt.timedelta(days=31)):
        Guest().scan(story[1])
    assert broken() == []
    CodeDay.objects.update(scans=9)
    line = Order.objects.filter(state="paid").latest("id").lines.get()
    Fact.objects.filter(key=f"paid:{line.pk}").delete()
    assert {row[0].split()[0] for row in broken()} == {"code", "order"}


def test_the_page_of_a_code_shows_its_figures(story: tuple[Shop, Code]) -> None:
    people, code = story  # noqa: F811
    client = Client()
    client.force_login(people.merchant.staff.get(role="owner").user)
    page = client.get(reverse("admin:codes_code_change", args=[code.pk]))
    assert page.status_code == 200
    html = page.content.decode()
    figures = html.partition("What came of it")[2].partition("desk__unit")[0]
    assert figures.count("desk__figure") == 8 + 2, "as the dashboard shows figures"
    assert 'data-label="Came in"' in html, "on a phone each column says what it is"
    stranger = Client()
    stranger.force_login(make_user())
    assert stranger.get(reverse("admin:codes_code_change", args=[code.pk])).status_code in (
        302,
        404,
    )


def test_who_runs_the_business_makes_and_renames_a_code_in_the_office(people: Shop) -> None:  # noqa: F811
    client = Client()
    client.force_login(people.merchant.staff.get(role="owner").user)
    form = {
        "kind": "poster",
        "name": "Door",
        "store": people.store.pk,
        "target": "",
        "campaign": "",
    }
    add = reverse("admin:codes_code_add")
    wrong = client.post(add, {**form, "target": "https://elsewhere.example/"})
    assert wrong.status_code == 200
    assert client.post(add, {**form, "who": ""}).status_code == 302
    code = Code.objects.get()
    assert (code.name, code.store, code.merchant) == ("Door", people.store, people.merchant)
    change = reverse("admin:codes_code_change", args=[code.pk])
    assert client.post(change, {"name": "Gate", "target": "", "campaign": "x"}).status_code == 302
    code.refresh_from_db()
    assert (code.name, code.campaign, code.kind) == ("Gate", "x", "poster")


def test_the_api_tells_the_same(story: tuple[Shop, Code]) -> None:
    people, code = story  # noqa: F811
    owner = people.merchant.staff.get(role="owner").user
    headers = {"Authorization": f"Bearer {issue_token(user=owner)}"}
    body = Client().get(f"/api/v1/codes/{code.pk}/figures", headers=headers).json()
    assert {name: body[name] for name in code_figures(code)._fields} == code_figures(code)._asdict()
    assert body["days"][0]["scans"] == 4
    steps = Client().get(f"/api/v1/funnel?merchant={people.merchant.pk}", headers=headers).json()
    assert steps["paid"] == 2


def test_a_clerk_shows_their_own_code_and_sees_what_came_of_it(people: Shop) -> None:  # noqa: F811
    wanted = CodeAsked("staff", "Mine", people.store, people.clerk.email)
    code = make_code(merchant=people.merchant, asked=wanted, by=None)
    make_code_of(people.store)
    client = Client()
    client.force_login(people.clerk)
    page = client.get(reverse("console_codes")).content.decode()
    assert f"/q/{code.code}" in page
    assert page.count("/q/") == page.count(f"/q/{code.code}")


def test_what_came_of_own_codes_is_told_apart_at_the_cost_of_one(
    story: tuple[Shop, Code],
    django_assert_num_queries: Any,
) -> None:
    people, busy = story  # noqa: F811
    others = [make_code_of(people.store) for _number in range(4)]
    guest = Guest()
    guest.scan(others[0])
    pay_order(guest.buy(people.product))
    for codes in ([busy], [busy, *others]):
        with django_assert_num_queries(3):
            found = came_of(codes)
    price = people.offer.price_fen
    assert found[busy.pk] == CameOfCode(scans=4, orders=3, paid=2, came=1, came_fen=price)
    assert found[others[0].pk] == CameOfCode(scans=1, orders=1, paid=1, came=0, came_fen=0)
    assert found[others[3].pk] == CameOfCode(0, 0, 0, 0, 0)


def test_who_came_counts_on_the_day_it_happened(people: Shop) -> None:  # noqa: F811
    """Also where a device without a network tells it a day later."""
    code = make_code_of(people.store)
    guest = Guest()
    guest.scan(code)
    order = guest.buy(people.product)
    pay_order(order)
    voucher = Voucher.objects.get(order_number=order.number)
    moment = clock.now() + dt.timedelta(hours=1)
    with clock.at(moment + dt.timedelta(hours=30)):
        redeem_voucher(
            staff=people.clerk,
            store_id=people.store.pk,
            code=voucher.code,
            occurred_at=moment,
            nonce="later",
        )
        came = {row[0]: row[5] for row in code_days(code).rows()}
        assert [day for day, orders in came.items() if orders] == [people.store.local_day(moment)]
        told = redemptions_by_day(merchants=[people.merchant.pk])
        assert [day for day, fen in zip(*told, strict=True) if fen] == [
            people.store.local_day(moment)
        ]
    with clock.at(moment + dt.timedelta(days=30)):
        assert busiest_stores(merchants=[people.merchant.pk]) == []


def test_the_console_says_what_a_scanned_poster_is(people: Shop) -> None:  # noqa: F811
    code = make_code_of(people.store)
    client = Client()
    client.force_login(people.clerk)
    scan = reverse("console_preview", args=[people.store.pk])
    page = client.post(scan, {"code": f"https://shop.example/q/{code.code}"})
    assert b"This is a code for guests" in page.content
    assert b"poster" in page.content
    assert b"This is a code for guests" not in client.post(scan, {"code": "0" * 12}).content
