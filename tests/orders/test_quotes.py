"""Quotes through API, basket, checkout and order: one object, and a refusal when it is not true."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from catalog.models import Offer, Stock, Variant
from catalog.services.offers import set_normal_price
from members.models import User
from members.services.keys import make_key
from orders.errors import QuoteChanged
from orders.models import Basket, BasketLine, Order, OrderDiscount, OrderLine
from orders.pricing import rules
from orders.pricing.benefits import AmountOff
from orders.pricing.rules import Ask, Asked, Condition, FeeLine, ItemPrice, Rule
from orders.services.cancel import cancel_order
from orders.services.place import place_order
from orders.services.quotes import make_quote
from tests.factories import (
    make_limited_offer,
    make_product,
    make_store,
    make_user,
    offer_of,
    variant_of,
)

pytestmark = pytest.mark.django_db

QUOTES = "/api/v1/quotes"
ORDERS = "/api/v1/orders"
_keys = itertools.count(1)
DELIVERY = FeeLine("platform", "Delivery", "配送费", 600)


@pytest.fixture
def the_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Rule]]:
    """Rules of a room above, registered as its AppConfig would."""
    held: list[Rule] = []
    monkeypatch.setattr(rules, "_sources", [])
    rules.register_rules(lambda asked: held)
    yield held


def of_the_platform(off: int = 1000, **more: Any) -> Rule:
    return Rule(
        source="campaign:8",
        layer="platform_coupon",
        funder="platform",
        benefit=AmountOff(off),
        id=8,
        label_en="Spring greeting",
        label_zh="春日问候",
        **more,
    )


def api_of(user: User | None = None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client


def ask(client: APIClient, *lines: tuple[Offer, int], **more: Any) -> Any:
    body = {"lines": [{"offer": offer.pk, "quantity": n} for offer, n in lines]} | more
    return client.post(QUOTES, body, format="json")


def order(client: APIClient, *lines: tuple[Offer, int], **more: Any) -> Any:
    body = {"lines": [{"offer": offer.pk, "quantity": n} for offer, n in lines]} | more
    key = f"test-quotes-key-{next(_keys):08d}"
    return client.post(ORDERS, body, format="json", headers={"Idempotency-Key": key})


# POST /quotes --------------------------------------------------------------------------


def test_anybody_may_ask_what_an_order_would_cost() -> None:
    product = make_product(price_fen=4500, list_price_fen=6000, title_en="Noodle soup")
    Variant.objects.filter(product=product).update(name_en="large")
    offer = offer_of(product)
    answer = ask(api_of(), (offer, 2))
    assert answer.status_code == 200
    assert answer.json() == {
        "digest": f"1~{offer.pk}.2.4500.0",
        "lines": [
            {
                "line": str(offer.pk),
                "offer": offer.pk,
                "title": "Noodle soup · large",
                "quantity": 2,
                "list_price_fen": 6000,
                "unit_price_fen": 4500,
                "gross_fen": 9000,
                "discount_fen": 0,
                "payable_fen": 9000,
            }
        ],
        "discounts": [],
        "total_fen": 9000,
        "answers": [],
    }
    assert not Order.objects.exists()


def test_a_quote_says_who_bears_a_discount_and_answers_every_coupon_and_code(
    the_rules: list[Rule],
) -> None:
    the_rules.append(of_the_platform(code="SPRING"))
    far = Condition(minimum_fen=20000)
    the_rules.append(
        Rule(
            source="r:2", layer="points", funder="points", benefit=AmountOff(1), id=2, condition=far
        )
    )
    offer = offer_of(make_product(price_fen=4500))
    body = ask(api_of(), (offer, 2), coupons=[5], coupon_codes=["SPRING", "NO"]).json()
    assert body["discounts"] == [
        {
            "line": str(offer.pk),
            "layer": "platform_coupon",
            "source": "campaign:8",
            "label": "Spring greeting",
            "funder": "platform",
            "amount_fen": 1000,
        }
    ]
    assert body["total_fen"] == 8000
    assert [(a["source"], a["applied"], a["code"], a["missing_fen"]) for a in body["answers"]] == [
        ("campaign:8", True, "applied", 0),
        ("r:2", False, "below_minimum", 12000),
        ("coupon:5", False, "sign_in_first", 0),
        ("code:NO", False, "unknown_code", 0),
    ]
    assert all(answer["detail"] for answer in body["answers"])


def test_sources_of_rules_are_told_how_and_by_whom_it_is_bought(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Asked] = []
    monkeypatch.setattr(rules, "_sources", [lambda asked: told.append(asked) or ()])
    buyer, offer = make_user(), offer_of(make_product())
    store = make_store(merchant=offer.product.merchant)
    how = {"store": store.pk, "method": "pickup", "tender": "sandbox", "slot": "noon"}
    ask(api_of(buyer), (offer, 1), coupons=[4], coupon_codes=["A"], **how)
    (asked,) = told
    assert asked.ask == Ask((4,), ("A",), "api", store.pk, "pickup", "sandbox", "noon")
    assert asked.buyer.person_id == buyer.pk
    assert asked.items[0].merchant_id == offer.product.merchant_id
    assert asked.items[0].category_id == offer.product.category_id


@pytest.mark.parametrize("post", [ask, order])
def test_more_lines_than_an_order_holds_are_refused_before_they_are_read(post: Any) -> None:
    buyer, offer = make_user(), offer_of(make_product(price_fen=4500))
    client = api_of(buyer)
    with CaptureQueriesContext(connection) as queries:
        answer = post(client, *[(offer, 1)] * 4000)
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_lines")
    assert not any("catalog_offer" in query["sql"] for query in queries)
    assert post(client, *[(offer, 1)] * 50).status_code in {200, 201}


@pytest.mark.parametrize("post", [ask, order])
def test_a_store_method_or_tender_that_is_none_is_refused(post: Any) -> None:
    buyer, client = make_user(), api_of(make_user())
    offer = offer_of(make_product(price_fen=4500))
    own = make_store(merchant=offer.product.merchant)
    offer.product.stores.set([own])
    unnamed = make_store(merchant=offer.product.merchant)
    for how in (
        {"store": make_store().pk},
        {"store": unnamed.pk},
        {"store": 2**60},
        {"method": "teleport"},
        {"tender": "shells"},
    ):
        answer = post(client, (offer, 1), **how)
        assert answer.status_code == 400, how
        assert list(answer.json()["fields"]) == list(how)
    assert not Order.objects.exists()
    fine = post(api_of(buyer), (offer, 1), store=own.pk, method="redeem", tender="sandbox")
    assert fine.status_code in {200, 201}


def test_an_order_answers_for_every_coupon_and_code_that_was_sent(the_rules: list[Rule]) -> None:
    the_rules.append(of_the_platform(code="SPRING"))
    offer = offer_of(make_product(price_fen=4500))
    more = {"coupons": [9], "coupon_codes": ["SPRING", "SPRNG"]}
    placed = order(api_of(make_user()), (offer, 1), **more)
    assert placed.status_code == 201 and placed.json()["total_fen"] == 3500
    told = {answer["source"]: answer for answer in placed.json()["answers"]}
    assert told["campaign:8"]["applied"]
    assert (told["code:SPRNG"]["applied"], told["code:SPRNG"]["code"]) == (False, "unknown_code")
    assert told["code:SPRNG"]["detail"].startswith("We don't know this code")
    assert told["coupon:9"]["code"] == "unknown_coupon"
    assert told == {
        answer["source"]: answer
        for answer in ask(api_of(make_user()), (offer, 1), **more).json()["answers"]
    }


def test_a_key_that_may_see_the_catalog_may_ask_for_prices() -> None:
    offer = offer_of(make_product(price_fen=4500))
    for scopes, status in ((["catalog:read"], 200), (["orders:write"], 403)):
        client = APIClient()
        _key, secret = make_key(user=make_user(), name="Till", scopes=scopes)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        assert ask(client, (offer, 1)).status_code == status


@pytest.mark.parametrize(
    ("code", "quantity", "spoil"),
    [
        ("sold_out", 3, lambda offer: Stock.objects.update(available=2)),
        ("quota_gone", 4, lambda offer: None),
        ("person_limit_reached", 2, lambda offer: None),
        ("offer_not_running", 1, lambda offer: Offer.objects.update(active=False)),
        ("quantity_out_of_range", 100, lambda offer: None),
    ],
)
def test_a_quote_is_refused_as_the_order_would_be(code: str, quantity: int, spoil: Any) -> None:
    limits = {"quota_gone": {"quota": 3}, "person_limit_reached": {"per_person_limit": 2}}
    offer = make_limited_offer(make_product(), price_fen=900, **limits.get(code, {}))
    buyer = make_user()
    if code == "person_limit_reached":
        place_order(buyer=buyer, lines=[(offer.pk, 1)])
    spoil(offer)
    client = api_of(buyer)
    quoted, ordered = ask(client, (offer, quantity)), order(client, (offer, quantity))
    assert quoted.json()["code"] == ordered.json()["code"] == code
    assert quoted.status_code == ordered.status_code
    assert "basket" not in quoted.json()["detail"]  # a quote knows none
    assert quoted.json() == ordered.json() | {"instance": quoted.json().get("instance")} or (
        quoted.json()["detail"] == ordered.json()["detail"]
    )


def test_asking_too_often_is_refused_and_says_so(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.RATE_LIMITS = True
    monkeypatch.setattr("orders.access.QUOTES_A_MINUTE", 2)
    offer, guest, buyer = offer_of(make_product()), api_of(), api_of(make_user())
    assert [ask(guest, (offer, 1)).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(buyer, (offer, 1)).status_code == 200


# Orders with a quote -------------------------------------------------------------------


def test_an_order_is_placed_at_the_quote_that_it_names() -> None:
    offer, client = offer_of(make_product(price_fen=4500)), api_of(make_user())
    digest = ask(client, (offer, 2)).json()["digest"]
    assert order(client, (offer, 2), quote=digest).json()["total_fen"] == 9000


def test_a_quote_that_is_no_longer_true_is_refused_with_what_changed() -> None:
    product = make_product(price_fen=4500)
    offer, client = offer_of(product), api_of(make_user())
    digest = ask(client, (offer, 2)).json()["digest"]
    Offer.objects.filter(pk=offer.pk).update(price_fen=4600)
    answer = order(client, (offer, 3), quote=digest)
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_changed")
    line = str(offer.pk)
    assert answer.json()["changes"] == [
        {"line": line, "field": "quantity", "old": 2, "new": 3},
        {"line": line, "field": "unit_price_fen", "old": 4500, "new": 4600},
        {"line": "", "field": "total_fen", "old": 9000, "new": 13800},
    ]
    assert not Order.objects.exists()
    assert Stock.objects.get(variant=variant_of(product)).available == 100


def test_a_new_price_of_the_same_product_is_told_as_a_new_price() -> None:
    product = make_product(price_fen=4500)
    offer, client = offer_of(product), api_of(make_user())
    digest = ask(client, (offer, 2)).json()["digest"]
    fresh = set_normal_price(variant=variant_of(product), price_fen=4000)
    line = str(offer.pk)
    assert order(client, (offer, 2), quote=digest).json()["changes"] == [
        {"line": line, "field": "offer", "old": offer.pk, "new": fresh.pk},
        {"line": line, "field": "unit_price_fen", "old": 4500, "new": 4000},
        {"line": "", "field": "total_fen", "old": 9000, "new": 8000},
    ]
    Offer.objects.update(active=False)
    assert order(client, (offer, 2), quote=digest).json()["changes"] == [
        {"line": line, "field": "quantity", "old": 2, "new": 0},
        {"line": "", "field": "total_fen", "old": 9000, "new": 0},
    ]


def test_a_discount_that_has_ended_is_a_change(the_rules: list[Rule]) -> None:
    the_rules.append(of_the_platform())
    offer, buyer = offer_of(make_product(price_fen=4500)), make_user()
    digest = make_quote(buyer_id=buyer.pk, lines=[(offer.pk, 1)]).digest
    the_rules.clear()
    with pytest.raises(QuoteChanged) as refused:
        place_order(buyer=buyer, lines=[(offer.pk, 1)], seen=digest)
    assert [change["field"] for change in refused.value.extra["changes"]] == [
        "discount_fen",
        "total_fen",
    ]


def test_what_is_no_digest_is_an_invalid_field() -> None:
    offer, client = offer_of(make_product()), api_of(make_user())
    answer = order(client, (offer, 1), quote="made up")
    assert answer.status_code == 400
    assert "quote" in str(answer.json())


# Discounts, frozen and shown -----------------------------------------------------------


def test_an_order_freezes_item_price_discounts_and_funders(the_rules: list[Rule]) -> None:
    cheap, dear = (offer_of(make_product(price_fen=price)) for price in (1000, 3000))
    the_rules.append(of_the_platform(off=1001))
    the_rules.append(
        Rule(
            source="member:1",
            layer="item",
            funder="platform",
            benefit=ItemPrice(2500),
            id=1,
            condition=Condition(offers=frozenset({dear.pk})),
        )
    )
    buyer = make_user()
    placed = place_order(buyer=buyer, lines=[(cheap.pk, 1), (dear.pk, 2)])
    first, second = OrderLine.objects.filter(order=placed).order_by("pk")
    assert (first.gross_fen, first.discount_fen, first.payable_fen) == (1000, 167, 833)
    assert (second.unit_price_fen, second.list_price_fen) == (2500, 6000)
    assert (second.gross_fen, second.discount_fen, second.payable_fen) == (5000, 834, 4166)
    assert placed.total_fen == 4999
    parts = OrderDiscount.objects.order_by("pk").values_list(
        "line", "source", "funder", "amount_fen"
    )
    assert list(parts) == [
        (first.pk, "campaign:8", "platform", 167),
        (second.pk, "campaign:8", "platform", 834),
    ]


def test_discounts_are_shown_to_the_buyer_everywhere_and_their_funder_to_the_house_alone(
    the_rules: list[Rule],
) -> None:
    the_rules.append(of_the_platform())
    product = make_product(price_fen=4500, list_price_fen=4500)
    offer, buyer = offer_of(product), make_user()
    client = Client(headers={"accept-language": "en"})
    client.force_login(buyer)
    client.post(reverse("basket_add"), {"offer": offer.pk, "quantity": 2})
    pages = [client.get(reverse(name)).content.decode() for name in ("basket", "checkout")]
    placed = place_order(buyer=buyer, lines=[(offer.pk, 2)])
    pages.append(client.get(reverse("order_detail", args=[placed.number])).content.decode())
    for page in pages:
        assert "Spring greeting" in page
        assert "−¥10" in page
        assert "funded by" not in page
    chinese = client.get(reverse("basket"), headers={"accept-language": "zh-hans"})
    assert "春日问候" in chinese.content.decode()
    (line,) = api_of(buyer).get(f"{ORDERS}/{placed.number}").json()["lines"]
    assert line["discounts"] == [{"label": "Spring greeting", "amount_fen": 1000}]
    assert (line["gross_fen"], line["payable_fen"]) == (9000, 8000)
    owner = product.merchant.staff.filter(role="owner").first()
    house = [make_user("operator"), *([owner.user] if owner else [])]
    for person in house:
        desk = Client(headers={"accept-language": "en"})
        desk.force_login(person)
        row = placed.lines.get()
        html = desk.get(f"/admin/orders/orderline/{row.pk}/change/").content.decode()
        assert "Spring greeting" in html and "funded by the platform" in html
    desk.force_login(house[0])
    html = desk.get(f"/admin/orders/order/{placed.pk}/change/").content.decode()
    assert "funded by the platform" in html


# Fees ----------------------------------------------------------------------------------


def test_a_fee_is_a_line_of_its_payee_and_breaks_nothing() -> None:
    product, buyer = make_product(price_fen=4500), make_user()
    placed = place_order(buyer=buyer, lines=[(offer_of(product).pk, 1)], fees=[DELIVERY])
    assert placed.total_fen == 5100
    item, fee = placed.lines.order_by("pk")
    assert (fee.kind, fee.payee, fee.merchant, fee.payable_fen) == ("fee", "platform", None, 600)
    assert item.is_item and not fee.is_item
    client = Client(headers={"accept-language": "en"})
    client.force_login(buyer)
    for name in ("order_detail", "order_pay"):
        assert "Delivery" in client.get(reverse(name, args=[placed.number])).content.decode()
    assert client.get(reverse("order_list")).status_code == 200
    lines = api_of(buyer).get(f"{ORDERS}/{placed.number}").json()["lines"]
    assert [(row["kind"], row["offer"], row["title"]) for row in lines] == [
        ("item", item.offer_id, product.title),
        ("fee", None, "Delivery"),
    ]
    desk = Client(headers={"accept-language": "en"})
    desk.force_login(make_user("operator"))
    for url in (f"order/{placed.pk}/change/", "orderline/", f"orderline/{fee.pk}/change/"):
        page = desk.get(f"/admin/orders/{url}")
        assert page.status_code == 200 and "Delivery" in page.content.decode()
    assert cancel_order(buyer=buyer, number=placed.number).state == "cancelled"
    assert Stock.objects.get(variant=variant_of(product)).available == 100


def test_a_fee_of_a_merchant_is_among_the_merchant_s_lines() -> None:
    product = make_product()
    fee = FeeLine(f"merchant:{product.merchant_id}", "Packing", "打包费", 100)
    placed = place_order(buyer=make_user(), lines=[(offer_of(product).pk, 1)], fees=[fee])
    assert placed.lines.get(kind="fee").merchant_id == product.merchant_id


# Basket and checkout -------------------------------------------------------------------


def signed_in_with(offer: Offer, quantity: int = 1) -> Client:
    buyer = make_user()
    basket = Basket.objects.create(owner=buyer)
    BasketLine.objects.create(basket=basket, offer=offer, quantity=quantity)
    client = Client(headers={"accept-language": "en"})
    client.force_login(buyer)
    return client


def test_a_price_that_changed_is_marked_in_the_basket_and_followed_on_the_buyer_s_word() -> None:
    product = make_product(price_fen=1000)
    client = signed_in_with(offer_of(product), 2)
    fresh = set_normal_price(variant=variant_of(product), price_fen=1200)
    page = client.get(reverse("basket"))
    html = page.content.decode()
    assert "It was ¥10 and is now ¥12" in html and not page.context["basket"].ready
    (row,) = page.context["basket"].rows
    client.post(reverse("basket_renew", args=[row.offer.pk]))
    (row,) = client.get(reverse("basket")).context["basket"].rows
    assert (row.offer.pk, row.quantity, row.line.gross_fen) == (fresh.pk, 2, 2400)


def test_following_a_price_adds_to_a_line_that_is_there_already() -> None:
    product = make_product(price_fen=1000)
    old = offer_of(product)
    client = signed_in_with(old, 2)
    fresh = set_normal_price(variant=variant_of(product), price_fen=1200)
    client.post(reverse("basket_add"), {"offer": fresh.pk, "quantity": 3})
    client.post(reverse("basket_renew", args=[old.pk]))
    assert list(BasketLine.objects.values_list("offer", "quantity")) == [(fresh.pk, 5)]


def test_following_a_price_that_nothing_has_followed_says_so() -> None:
    offer = offer_of(make_product())
    client = signed_in_with(offer)
    Offer.objects.update(active=False)
    page = client.post(reverse("basket_renew", args=[offer.pk]), follow=True)
    assert "not running" in page.content.decode()
    assert BasketLine.objects.get().offer_id == offer.pk


def test_the_checkout_tells_a_changed_price_and_leads_to_the_basket_to_ask_again() -> None:
    product = make_product(price_fen=1000, title_en="Noodles")
    client = signed_in_with(offer_of(product), 2)
    form = checkout_form(client)
    set_normal_price(variant=variant_of(product), price_fen=1200)
    page = client.post(reverse("checkout"), form, follow=True).content.decode()
    assert "Noodles" in page and "it was ¥10 and is now ¥12" in page
    assert "¥24" not in page  # the basket has a total of its own, without this line
    assert not Order.objects.exists()


def test_what_was_added_in_another_tab_is_not_ordered_and_stays() -> None:
    first, second = offer_of(make_product(price_fen=1000)), offer_of(make_product())
    client = signed_in_with(first, 2)
    form = checkout_form(client)
    client.post(reverse("basket_add"), {"offer": second.pk, "quantity": 1})
    client.post(reverse("basket_add"), {"offer": first.pk, "quantity": 1})
    assert client.post(reverse("checkout"), form).status_code == 302
    assert Order.objects.get().total_fen == 2000
    held = BasketLine.objects.order_by("offer").values_list("offer", "quantity")
    assert list(held) == [(first.pk, 1), (second.pk, 1)]


def test_a_form_of_an_older_page_is_refused_and_nothing_is_ordered() -> None:
    client = signed_in_with(offer_of(make_product()))
    form = checkout_form(client)
    for seen in ("7.1.5000", "1~f1.1.5.0", "1"):
        answer = client.post(reverse("checkout"), form | {"seen": seen})
        assert answer.status_code == 409
    assert not Order.objects.exists()


def test_who_has_bought_all_that_one_may_is_told_when_adding_more() -> None:
    offer = make_limited_offer(make_product(title_en="Noodles"), price_fen=900, per_person_limit=2)
    buyer = make_user()
    place_order(buyer=buyer, lines=[(offer.pk, 2)])
    client = Client(headers={"accept-language": "en"})
    client.force_login(buyer)
    page = client.post(reverse("basket_add"), {"offer": offer.pk}, follow=True).content.decode()
    assert "the limit is 2 per person, and you have bought 2 so far" in page
    assert not BasketLine.objects.exists()


def test_the_basket_tells_the_limit_per_person_before_it_is_reached() -> None:
    offer = make_limited_offer(make_product(), price_fen=900, per_person_limit=3)
    client = signed_in_with(offer, 5)
    page = client.get(reverse("basket")).content.decode()
    assert "At most 3 per person" in page
    assert "At most 3 per person: choose fewer" in page
    said = client.post(reverse("basket_add"), {"offer": offer.pk}, follow=True).content.decode()
    assert "limited per person: you can buy 3, and your basket holds 6" in said


# Statements ----------------------------------------------------------------------------


BASKET, CHECKOUT, ORDER, PER_LINE = 5, 7, 23, 2
"""Statements of the two pages; of the order button with its cashier, and of each further line.

Two a line without a limit of stock, one with.
"""


def checkout_form(client: Client) -> dict[str, str]:
    page = client.get(reverse("checkout"))
    form = page.context["form"]
    html = page.content.decode()
    key = html.split('name="form_key" value="')[1].split('"')[0]
    return {"form_key": key, "seen": form.initial["seen"], "gateway": "sandbox"}


def count(client: Client, method: str, name: str, *args: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = getattr(client, method)(reverse(name), *args)
    assert answer.status_code in {200, 302}
    return len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])


@pytest.mark.parametrize("lines", [1, 6])
def test_basket_and_checkout_pages_cost_a_fixed_number_of_statements(lines: int) -> None:
    client = signed_in_with(offer_of(make_product()))
    basket = Basket.objects.get()
    for _ in range(lines - 1):
        BasketLine.objects.create(basket=basket, offer=offer_of(make_product()), quantity=1)
    for name in ("basket", "checkout"):
        client.get(reverse(name))
    assert (count(client, "get", "basket"), count(client, "get", "checkout")) == (BASKET, CHECKOUT)


@pytest.mark.parametrize("lines", [1, 4])
def test_the_order_button_costs_a_fixed_number_of_statements_per_line(lines: int) -> None:
    client = signed_in_with(offer_of(make_product(stock=None)))
    basket = Basket.objects.get()
    for _ in range(lines - 1):
        offer = offer_of(make_product(stock=None))
        BasketLine.objects.create(basket=basket, offer=offer, quantity=1)
    form = checkout_form(client)
    assert count(client, "post", "checkout", form) == ORDER + PER_LINE * (lines - 1)


@pytest.mark.parametrize(
    ("language", "near", "spelling"),
    [
        ("en", "Add items worth ¥15 to get it.", "We don't know this code"),
        ("zh-hans", "再买 ¥15 即可享用。", "没有这个优惠码"),
    ],
)
def test_basket_and_checkout_say_what_applied_and_how_far_away_the_rest_is(
    the_rules: list[Rule], language: str, near: str, spelling: str
) -> None:
    the_rules.append(of_the_platform())
    the_rules.append(
        Rule(
            source="campaign:9",
            layer="merchant_threshold",
            funder="platform",
            benefit=AmountOff(500),
            id=9,
            label_en="Big basket",
            label_zh="大满减",
            condition=Condition(minimum_fen=6000),
        )
    )
    buyer = make_user(language=language)
    client = Client(headers={"accept-language": language})
    client.force_login(buyer)
    offer = offer_of(make_product(price_fen=4500))
    client.post(reverse("basket_add"), {"offer": offer.pk, "quantity": 1})
    for name in ("basket", "checkout"):
        html = client.get(reverse(name)).content.decode()
        told = html[html.index("orders-answers") :]
        applied, missing = (
            ("Spring greeting", "Big basket") if language == "en" else ("春日问候", "大满减")
        )
        assert told.index(applied) < told.index(missing) < told.index(near), name
    the_rules.clear()
    assert "orders-answers" not in client.get(reverse("basket")).content.decode()


def test_rules_know_what_is_true_of_the_buyer(
    the_rules: list[Rule], monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = make_user()
    monkeypatch.setattr(rules, "_trait_sources", [])
    rules.register_traits(lambda pk: ["member:gold"] if pk == gold.pk else [])
    rules.register_traits(lambda pk: ["club:tea"])
    the_rules.append(
        of_the_platform(condition=Condition(traits=frozenset({"member:gold", "club:tea"})))
    )
    offer = offer_of(make_product(price_fen=4500))
    for buyer, total in ((gold, 3500), (make_user(), 4500), (None, 4500)):
        body = ask(api_of(buyer), (offer, 1)).json()
        assert body["total_fen"] == total
        assert body["answers"][0]["code"] == ("applied" if total == 3500 else "not_for_buyer")
    assert order(api_of(gold), (offer, 1)).json()["total_fen"] == 3500


def test_the_basket_tells_no_total_but_its_own_and_names_what_it_leaves_out() -> None:
    buyer = make_user(language="en")
    client = Client(headers={"accept-language": "en"})
    client.force_login(buyer)
    noodles, soup = (
        offer_of(make_product(price_fen=1000, title_en=title)) for title in ("Noodles", "Soup")
    )
    for offer in (noodles, soup):
        client.post(reverse("basket_add"), {"offer": offer.pk, "quantity": 1})
    form = checkout_form(client)
    set_normal_price(variant=variant_of(noodles.product), price_fen=1200)
    html = client.post(reverse("checkout"), form, follow=True).content.decode()
    assert "¥22" not in html and "it was ¥10 and is now ¥12" in html
    assert "Not in this total:" in html
    left_out = html[html.index("Not in this total:") :][:200]
    assert "Noodles" in left_out and "Soup" not in left_out
