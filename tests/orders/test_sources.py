"""Whence an order comes is frozen with it; each step that earns something is a fact of its transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any, NamedTuple

import pytest
from django.db import InternalError, transaction
from django.test import Client
from django.urls import reverse

from catalog.services.stock import take_stock
from kernel.clock import at, now
from kernel.facts.models import Fact
from kernel.facts.services import flush_facts
from kernel.outbox.models import OutboxEvent
from members.models import User
from members.services.consent import forget_member
from orders.models import Order, OrderSource
from orders.services.basket import add_line, basket_of
from orders.services.place import place_order
from reviews.services.reviews import write_review
from stores.codes.models import Code, Touch
from stores.codes.services import CodeAsked, close_code, make_code
from stores.codes.touches import flush_touches
from tests.factories import (
    PASSWORD,
    cast,
    make_order,
    make_product,
    make_store,
    make_user,
    offer_of,
    pay_order,
    redeem,
)
from vouchers.models import Voucher

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"


class Shop(NamedTuple):
    merchant: Any
    store: Any
    clerk: Any
    customer: Any
    product: Any
    offer: Any


@pytest.fixture
def people() -> Shop:
    made = cast()
    product = make_product(stores=[made.store], stock=100)
    return Shop(made.merchant, made.store, made.clerk, made.buyer, product, offer_of(product))


def make_code_of(store: Any, kind: str = "poster", **asked: Any) -> Code:
    wanted = CodeAsked(kind=kind, name=kind, store=store, **asked)
    return make_code(merchant=store.merchant, asked=wanted, by=None)


class Guest:
    """A phone that scans, looks, and buys."""

    def __init__(self, consent: str = "") -> None:
        self.user = make_user()
        self.client = Client(headers={"User-Agent": PHONE})
        self.client.force_login(self.user)
        if consent:
            self.client.cookies["consent"] = consent

    def scan(self, code: Code) -> None:
        assert self.client.get(reverse("code", args=[code.code])).status_code == 302
        flush_touches()

    def close_the_browser(self) -> None:
        for name in [name for name, kept in self.client.cookies.items() if not kept["max-age"]]:
            if name not in {"sessionid", "consent"}:
                del self.client.cookies[name]

    def buy(self, *products: Any) -> Order:
        basket = basket_of(owner=self.user)
        for product in products:
            add_line(basket=basket, offer_id=offer_of(product).pk)
        page = self.client.get(reverse("checkout"))
        form = page.context["form"]
        sent = {
            "seen": form.initial["seen"],
            "gateway": "sandbox",
            "form_key": page.content.decode().split('name="form_key" value="')[1].split('"')[0],
        }
        assert self.client.post(reverse("checkout"), sent).status_code == 302
        return Order.objects.filter(buyer=self.user).latest("id")


def test_an_order_knows_the_poster_of_its_visit(people: Shop) -> None:
    guest, code = Guest(), make_code_of(people.store)
    guest.scan(code)
    order = guest.buy(people.product)
    source = OrderSource.objects.get()
    assert (source.order, source.merchant) == (order, people.merchant)
    assert (source.first, source.last, source.store) == (code, code, people.store)
    assert source.first_at == source.last_at <= order.created_at


def test_without_consent_the_next_visit_knows_nothing_and_with_it_does(people: Shop) -> None:
    code = make_code_of(people.store)
    for consent, known in (("", False), ("no", False), ("yes", True)):
        guest = Guest(consent)
        guest.scan(code)
        guest.close_the_browser()
        order = guest.buy(people.product)
        assert order.sources.exists() is known, consent


ORDERS_OF_EVENTS = [
    *permutations(("scan", "log in")),
    *permutations(("scan", "log in", "no")),
    *permutations(("scan", "log in", "yes")),
    *permutations(("scan", "log in", "yes", "no")),
]


def do(step: str, guest: Guest, code: Code) -> None:
    if step == "scan":
        guest.scan(code)
    elif step == "log in":
        sent = {"identifier": guest.user.email, "password": PASSWORD}
        assert guest.client.post(reverse("login"), sent).status_code == 302
    else:
        assert guest.client.post(reverse("privacy"), {"consent": step}).status_code == 302
    guest.client.get(reverse("product_list"), {"q": "noodles"})


@pytest.mark.parametrize("counted", [None, True, False])
@pytest.mark.parametrize("steps", ORDERS_OF_EVENTS, ids=" - ".join)
def test_whatever_is_answered_and_when_the_order_of_a_visit_knows_its_poster(
    people: Shop, steps: Sequence[str], counted: bool | None
) -> None:
    guest, code = Guest(), make_code_of(people.store)
    guest.client = Client(headers={"User-Agent": PHONE})
    User.objects.filter(pk=guest.user.pk).update(counted=counted)
    for step in steps:
        do(step, guest, code)
    flush_facts()
    for event in OutboxEvent.objects.filter(topic="consent.withdrawn"):
        forget_member(**event.payload)
    cookies = {name for name, cookie in guest.client.cookies.items() if cookie.value}
    agreed = guest.client.cookies.get("consent") and guest.client.cookies["consent"].value == "yes"
    assert cookies & {"stay", "visitor", "visit"} == (
        {"stay", "visitor", "visit"} if agreed else {"visit"}
    )
    assert guest.buy(people.product).sources.get().last == code
    visits = set(Touch.objects.values_list("visit", flat=True))
    assert not Fact.objects.filter(visit__in=visits).exists(), "a scan's key is in touches alone"


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_a_browser_that_asks_not_to_be_followed_leads_no_order_to_a_poster(
    people: Shop, header: str
) -> None:
    guest, code = Guest(), make_code_of(people.store)
    guest.scan(code)
    guest.client.defaults["HTTP_" + header.upper().replace("-", "_")] = "1"
    assert not guest.buy(people.product).sources.exists(), "the key it has from before is not read"
    guest.scan(code)
    assert not guest.buy(people.product).sources.exists()
    assert Touch.objects.filter(visit="").count() == 1


def test_who_agreed_and_is_signed_in_is_known_on_another_device(people: Shop) -> None:
    guest, code = Guest("yes"), make_code_of(people.store)
    guest.scan(code)
    guest.client.cookies.pop("visitor")
    guest.client.cookies.pop("visit")
    assert guest.buy(people.product).sources.get().last == code


def test_each_merchant_has_its_own_source_and_the_platforms_counts_for_all(people: Shop) -> None:
    other = make_product(stores=[make_store()])
    mine, theirs = make_code_of(people.store), make_code_of(other.merchant.stores.get(), "link")
    wanted = CodeAsked(kind="campaign", name="Spring", campaign="spring")
    spring = make_code(merchant=None, asked=wanted, by=None)
    guest = Guest()
    for code in (spring, theirs, mine):
        guest.scan(code)
    order = guest.buy(people.product, other)
    found = {row.merchant_id: (row.first, row.last) for row in order.sources.all()}
    assert found == {
        people.merchant.pk: (spring, mine),
        other.merchant_id: (spring, theirs),
    }


def test_a_source_never_changes_whatever_is_scanned_later(people: Shop) -> None:
    guest, code, later = Guest(), make_code_of(people.store), make_code_of(people.store, "tag")
    guest.scan(code)
    order = guest.buy(people.product)
    guest.scan(later)
    close_code(code=code, by=None)
    pay_order(order)
    source = order.sources.get()
    assert source.last == code
    for change in (
        lambda: OrderSource.objects.update(last=later),
        lambda: OrderSource.objects.all().delete(),
    ):
        with pytest.raises(InternalError, match="frozen"), transaction.atomic():
            change()


def test_nothing_that_was_scanned_afterwards_or_long_ago_counts(people: Shop) -> None:
    guest, code = Guest("yes"), make_code_of(people.store)
    with at(now() + dt.timedelta(minutes=5)):
        guest.scan(code)
    assert not guest.buy(people.product).sources.exists()
    with at(now() + dt.timedelta(days=31)):
        assert not guest.buy(people.product).sources.exists()


def test_an_order_without_a_code_asks_nothing_and_has_no_source(
    people: Shop, django_assert_num_queries: Any
) -> None:
    make_order(people.customer, people.offer)
    with django_assert_num_queries(6), transaction.atomic(savepoint=False):
        order = place_order(buyer=people.customer, lines=[(people.offer.pk, 1)])
    assert not order.sources.exists()


def test_nobody_waits_for_stock_while_sources_are_looked_up(
    people: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    known: list[bool] = []

    def take(**asked: Any) -> None:
        known.append(OrderSource.objects.filter(order__number=asked["reference"]).exists())
        take_stock(**asked)

    monkeypatch.setattr("orders.services.place.take_stock", take)
    guest = Guest()
    guest.scan(make_code_of(people.store))
    guest.buy(people.product)
    assert known == [True]


def test_every_step_is_one_fact_that_goes_on_with_the_one_before(
    people: Shop, drain: Callable[..., int]
) -> None:
    guest = Guest("yes")
    code = make_code_of(people.store, "poster", campaign="spring")
    guest.scan(code)
    guest.client.get(reverse("product_detail", args=[people.product.pk]))
    guest.client.get(reverse("product_detail", args=[people.product.pk]))
    guest.client.post(reverse("basket_add"), {"offer": people.offer.pk, "quantity": 1})
    flush_facts()
    order = guest.buy(people.product)
    pay_order(order)
    voucher = Voucher.objects.filter(order_number=order.number).first()
    redeem(voucher, store=people.store, staff=people.clerk)
    drain()
    write_review(author=guest.user, voucher_id=voucher.pk, rating=5)
    found = {fact.kind: fact for fact in Fact.objects.order_by("id")}
    assert list(found) == [
        *("code_touch", "product_view", "basket_add", "checkout", "paid", "redeemed", "reviewed"),
    ]
    assert Fact.objects.filter(kind="product_view").count() == 1, "a reload is no second look"
    known = [found[kind] for kind in ("code_touch", "product_view", "basket_add", "checkout")]
    assert len({fact.visitor for fact in known}) == 1
    line = order.lines.get()
    assert (found["checkout"].code_id, found["checkout"].campaign) == (code.pk, "spring")
    for kind in ("paid", "redeemed", "reviewed"):
        fact = found[kind]
        assert fact.follows == f"checkout:{line.pk}" == found["checkout"].key
        assert (fact.merchant_id, fact.product_id) == (people.merchant.pk, people.product.pk)
        assert (fact.visitor, fact.visit, fact.subject) == ("", "", ""), "who it was is said once"
    assert found["redeemed"].channel == "counter"
    assert found["paid"].key == f"paid:{order.lines.get().pk}"


def test_of_a_stranger_the_order_says_its_code_and_nothing_of_the_visit(people: Shop) -> None:
    guest = Guest()
    code = make_code_of(people.store)
    guest.scan(code)
    pay_order(guest.buy(people.product))
    facts = Fact.objects.filter(kind__in=["checkout", "paid"])
    assert facts.get(kind="checkout").code_id == code.pk
    for fact in facts:
        assert (fact.visit, fact.visitor, fact.subject) == ("", "", "")


def test_what_is_refused_leaves_no_fact(people: Shop) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        make_order(people.customer, people.offer)
        raise RuntimeError
    assert not Fact.objects.exists()


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("  hot   pot ", "hot pot"),
        ("火锅", "火锅"),
        ("ann@example.com", ""),
        ("138 0013 8000", ""),
        ("4821 0099 1122", ""),
        ("room 101", "room 101"),
    ],
)
def test_words_that_may_name_a_person_are_not_kept(people: Shop, words: str, kept: str) -> None:
    Client(headers={"User-Agent": PHONE}).get("/products/", {"q": words})
    flush_facts()
    fact = Fact.objects.filter(kind="search").first()
    assert (fact.words if fact else "") == kept
