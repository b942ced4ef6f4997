"""The customer's way through basket, checkout, cashier and orders, page by page."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Offer, Stock
from kernel import clock
from members.models import User
from orders.basket_view import basket_view
from orders.models import Basket, Order
from orders.services.basket import add_line, guest_basket
from orders.services.cancel import time_out_due
from orders.services.place import place_order
from payments.models import GatewayEvent, Payment, SandboxTrade
from payments.sandbox.services import decide
from tests.factories import (
    PASSWORD,
    make_limited_offer,
    make_order,
    make_paid_order,
    make_product,
    make_user,
    offer_of,
    redeem,
    variant_of,
)
from vouchers.models import Voucher

pytestmark = pytest.mark.django_db


def signed_in(user: User | None = None) -> Client:
    client = Client()
    client.force_login(user or make_user())
    return client


def sign_in(client: Client, user: User) -> None:
    """As a person does it, at the page."""
    form = {"identifier": user.email, "password": PASSWORD}
    assert client.post(reverse("login"), form).status_code == 302


def add(client: Client, offer: Offer, quantity: int = 1, **more):
    return client.post(reverse("basket_add"), {"offer": offer.pk, "quantity": quantity, **more})


def hidden(response, name: str) -> str:
    """The value of a hidden input, as a browser would send it."""
    (value,) = set(re.findall(rf'name="{name}" value="([^"]*)"', response.content.decode()))
    return value


def checkout_form(client: Client, **query) -> dict[str, str]:
    page = client.get(reverse("checkout"), query)
    assert page.status_code == 200
    form = {name: hidden(page, name) for name in ("form_key", "seen")}
    if query:
        form["offer"] = hidden(page, "offer")
    return form | {"gateway": "sandbox"}


def text(response) -> str:
    return response.content.decode()


# Basket --------------------------------------------------------------------------------


def test_basket_shows_lines_total_and_count():
    client = Client()
    add(client, offer_of(make_product(price_fen=1000, title_en="Noodles")), 2)
    add(client, offer_of(make_product(price_fen=500, title_en="Tea")))
    page = client.get(reverse("basket"))
    assert "Noodles" in text(page)
    assert "Tea" in text(page)
    assert page.context["basket"].quote.total_fen == 2500
    assert page.context["basket_count"] == 3


def test_quantity_changes_and_zero_takes_out():
    client, offer = Client(), offer_of(make_product(price_fen=1000))
    add(client, offer)
    line = reverse("basket_line", args=[offer.pk])
    client.post(line, {"quantity": 4})
    assert client.get(reverse("basket")).context["basket"].quote.total_fen == 4000
    client.post(line, {"quantity": 0})
    assert client.get(reverse("basket")).context["basket"].rows == []


def test_adding_what_cannot_be_bought_says_so():
    product = make_product(state="archived")
    client = Client()
    page = add(client, offer_of(product)).client.get(reverse("basket"))
    assert "not running" in text(page)
    assert page.context["basket"].rows == []


def test_more_than_one_order_takes_is_refused():
    client, offer = Client(), offer_of(make_product(stock=None))
    add(client, offer, 99)
    add(client, offer, 1)
    assert client.get(reverse("basket")).context["basket"].pieces == 99


def test_ended_and_sold_out_lines_are_marked_and_left_out_of_the_total():
    client = Client()
    good, gone, ended = (make_product(price_fen=1000) for _ in range(3))
    for product in (good, gone, ended):
        add(client, offer_of(product))
    Stock.objects.filter(variant=variant_of(gone)).update(available=0)
    Offer.objects.filter(product=ended).update(active=False)
    page = client.get(reverse("basket"))
    assert page.context["basket"].quote.total_fen == 1000
    assert "Sold out" in text(page)
    assert "This offer has ended" in text(page)
    assert reverse("checkout") in text(page)


def test_too_many_of_something_scarce_blocks_the_checkout_until_changed():
    client, product = signed_in(), make_product(stock=5)
    add(client, offer_of(product), 3)
    Stock.objects.filter(variant=variant_of(product)).update(available=2)
    page = client.get(reverse("basket"))
    assert "Only 2 left: choose fewer" in text(page)
    assert reverse("checkout") not in text(page)
    assert client.get(reverse("checkout")).url == reverse("basket")


def test_prices_follow_the_offer_until_the_order_freezes_them():
    client, product = Client(), make_product(price_fen=1000)
    add(client, offer_of(product))
    Offer.objects.filter(product=product).update(price_fen=800)
    assert client.get(reverse("basket")).context["basket"].quote.total_fen == 800


def test_basket_of_one_session_is_not_seen_in_another():
    mine, other = Client(), Client()
    add(mine, offer_of(make_product()))
    assert other.get(reverse("basket")).context["basket"].rows == []


# Guest → login → checkout --------------------------------------------------------------


def test_guest_is_asked_to_sign_in_only_at_checkout_and_loses_nothing():
    user = make_user()
    client, offer = Client(), offer_of(make_product(price_fen=1000))
    add(client, offer, 2)
    answer = client.get(reverse("checkout"))
    assert answer.status_code == 302
    assert answer.url == f"{reverse('login')}?next={reverse('checkout')}"
    sign_in(client, user)
    assert client.get(reverse("order_list")).context["basket_count"] == 2
    page = client.get(reverse("checkout"))
    assert page.context["basket"].quote.total_fen == 2000
    assert Basket.objects.get().owner == user


def test_guests_lines_are_added_to_the_persons_own_basket():
    user, first, second = make_user(), make_product(), make_product()
    elsewhere = signed_in(user)
    add(elsewhere, offer_of(first), 2)
    client = Client()
    add(client, offer_of(first), 1)
    add(client, offer_of(second), 1)
    sign_in(client, user)
    rows = client.get(reverse("basket")).context["basket"].rows
    assert {row.product.pk: row.quantity for row in rows} == {first.pk: 3, second.pk: 1}
    assert elsewhere.get(reverse("basket")).context["basket"].pieces == 4
    assert client.get(reverse("basket")).context["basket"].pieces == 4, "merged once only"


def test_who_opens_an_account_keeps_what_they_had_in_the_basket():
    client = Client()
    add(client, offer_of(make_product()), 3)
    answer = client.post(
        reverse("register"),
        {"identifier": "new@example.com", "password": PASSWORD, "display_name": "New"},
    )
    assert answer.status_code == 302
    assert Basket.objects.get().owner == User.objects.get(email="new@example.com")
    assert client.get(reverse("order_list")).context["basket_count"] == 3


def test_reading_a_basket_writes_nothing():
    """A session that still names a guest's basket: looking at pages moves no line."""
    client, offer = Client(), offer_of(make_product())
    add(client, offer)
    client.force_login(make_user())
    for name in ("basket", "checkout", "order_list"):
        client.get(reverse(name))
    assert Basket.objects.get().owner is None


# Checkout ------------------------------------------------------------------------------


def test_checkout_shows_who_where_and_how_much():
    user = make_user(display_name="Lin")
    client, product = signed_in(user), make_product(price_fen=1000, title_en="Noodles")
    store = product.merchant.stores.get()
    add(client, offer_of(product), 2)
    page = text(client.get(reverse("checkout")))
    for fact in ("Lin", user.email, "Noodles", store.name_en, store.address_en, "¥20"):
        assert fact in page
    assert "Valid for 90 days" in page


def test_order_button_orders_and_leads_to_the_cashier():
    user = make_user()
    client, product = signed_in(user), make_product(price_fen=1000)
    add(client, offer_of(product), 2)
    answer = client.post(reverse("checkout"), checkout_form(client))
    order = Order.objects.get(buyer=user)
    assert order.total_fen == 2000
    assert answer.url == reverse("sandbox_cashier", args=[SandboxTrade.objects.get().token])
    assert client.get(reverse("basket")).context["basket"].rows == []
    assert client.get(reverse("basket")).context["basket_count"] == 0


@pytest.mark.parametrize(("language", "title"), [("en", "Noodles"), ("zh-hans", "牛肉面")])
def test_the_cashier_names_the_product_in_the_language_of_the_page(language, title):
    client = signed_in(make_user(language="en" if language != "en" else "zh-hans"))
    add(client, offer_of(make_product(title_en="Noodles", title_zh="牛肉面")))
    headers = {"accept-language": language}
    cashier = client.post(reverse("checkout"), checkout_form(client), headers=headers).url
    assert title in text(client.get(cashier, headers=headers))


def test_sending_the_order_form_twice_makes_one_order():
    client, product = signed_in(), make_product(stock=10)
    add(client, offer_of(product))
    form = checkout_form(client)
    first, second = (client.post(reverse("checkout"), form) for _ in range(2))
    assert first.url == second.url
    assert Order.objects.count() == Payment.objects.count() == 1
    assert Stock.objects.get(variant=variant_of(product)).available == 9


def test_going_back_after_paying_leads_to_the_order():
    client = signed_in()
    add(client, offer_of(make_product()))
    form = checkout_form(client)
    cashier = client.post(reverse("checkout"), form).url
    client.post(cashier, {"outcome": "paid"})
    again = client.post(reverse("checkout"), form)
    assert again.url == reverse("order_detail", args=[Order.objects.get().number])


def test_changed_price_is_shown_before_anything_is_ordered():
    client, product = signed_in(), make_product(price_fen=1000)
    add(client, offer_of(product))
    form = checkout_form(client)
    Offer.objects.filter(product=product).update(price_fen=1200)
    page = client.post(reverse("checkout"), form)
    assert page.status_code == 409
    assert "it was ¥10 and is now ¥12" in text(page)
    assert "¥12" in text(page)
    assert not Order.objects.exists()
    assert (
        client.post(reverse("checkout"), form | {"seen": hidden(page, "seen")}).status_code == 302
    )


def test_order_form_without_its_key_is_refused():
    client = signed_in()
    add(client, offer_of(make_product()))
    form = checkout_form(client)
    del form["form_key"]
    assert client.post(reverse("checkout"), form).status_code == 409
    assert not Order.objects.exists()


def test_sold_out_meanwhile_keeps_the_basket():
    client, product = signed_in(), make_product(stock=5)
    add(client, offer_of(product), 2)
    form = checkout_form(client)
    Stock.objects.filter(variant=variant_of(product)).update(available=1)
    answer = client.post(reverse("checkout"), form, follow=True)
    assert f"Only 1 piece of “{product.title}” is left" in text(answer)
    assert client.get(reverse("basket")).context["basket"].pieces == 2
    assert not Order.objects.exists()


def test_buy_now_orders_this_offer_alone_and_leaves_the_basket():
    client = signed_in()
    kept, wanted = make_product(), make_product(price_fen=700)
    add(client, offer_of(kept), 2)
    answer = add(client, offer_of(wanted), 1, buy="now")
    assert answer.url == f"{reverse('checkout')}?offer={offer_of(wanted).pk}"
    client.post(reverse("checkout"), checkout_form(client, offer=offer_of(wanted).pk))
    assert Order.objects.get().total_fen == 700
    (row,) = client.get(reverse("basket")).context["basket"].rows
    assert row.product == kept


def test_empty_checkout_leads_back_to_the_basket():
    assert signed_in().get(reverse("checkout")).url == reverse("basket")


# Cashier, notifications ----------------------------------------------------------------


def pay_url(client: Client, order: Order) -> str:
    page = client.get(reverse("order_detail", args=[order.number]))
    form = {"form_key": hidden(page, "form_key"), "gateway": "sandbox"}
    return client.post(reverse("order_pay", args=[order.number]), form).url


def test_cashier_says_that_it_is_a_test_and_pays():
    user = make_user()
    client, order = signed_in(user), make_order(user)
    url = pay_url(client, order)
    page = text(Client().get(url))
    assert "This is not a real payment page" in page
    assert "¥50" in page
    back = Client(enforce_csrf_checks=True).post(url, {"outcome": "paid"})
    assert back.url == reverse("order_pay", args=[order.number])
    voucher = Voucher.objects.get(owner=user)
    page = text(client.get(back.url))
    assert "Paid" in page and "In your wallet: 1 voucher." in page
    assert reverse("voucher_detail", args=[voucher.pk]) in page, "straight to the code"


def test_second_press_at_the_cashier_is_harmless():
    user = make_user()
    client, order = signed_in(user), make_order(user)
    url = pay_url(client, order)
    Client().post(url, {"outcome": "paid"})
    assert Client().post(url, {"outcome": "closed"}).status_code == 302
    order.refresh_from_db()
    assert order.state == Order.State.PAID
    assert GatewayEvent.objects.count() == 1
    assert "This payment is paid" in text(Client().get(url))


def test_failed_payment_says_nothing_was_charged_and_offers_another_try():
    user = make_user()
    client, order = signed_in(user), make_order(user)
    back = Client().post(pay_url(client, order), {"outcome": "failed"})
    page = client.get(back.url)
    assert "The payment did not go through" in text(page)
    form = {"form_key": hidden(page, "form_key"), "gateway": "sandbox"}
    again = client.post(reverse("order_pay", args=[order.number]), form).url
    Client().post(again, {"outcome": "paid"})
    order.refresh_from_db()
    assert order.state == Order.State.PAID


@pytest.mark.parametrize("outcome", ["", "refunded", "PAID"])
def test_cashier_knows_three_outcomes_only(outcome):
    user = make_user()
    client, order = signed_in(user), make_order(user)
    url = pay_url(client, order)
    assert Client().post(url, {"outcome": outcome}).status_code == 400
    assert SandboxTrade.objects.get().state == "waiting"


def test_unknown_cashier_token_is_not_found_and_so_is_all_of_it_when_switched_off(settings):
    url = reverse("sandbox_cashier", args=["nobody-knows-me"])
    assert Client().get(url).status_code == 404
    user = make_user()
    known = pay_url(signed_in(user), make_order(user))
    settings.PAYMENT_GATEWAYS = []
    assert Client().get(known).status_code == 404
    assert Client().post(known, {"outcome": "paid"}).status_code == 404


def notify(headers, body, gateway: str = "sandbox"):
    return Client(enforce_csrf_checks=True).post(
        reverse("payment_notify", args=[gateway]),
        body,
        content_type="application/json",
        headers=headers,
    )


def signed_message():
    user = make_user()
    pay_url(signed_in(user), make_order(user))
    return decide(token=SandboxTrade.objects.get().token, outcome="paid")


def test_signed_notification_is_acknowledged_each_time_it_comes():
    headers, body = signed_message()
    for _ in range(2):
        answer = notify(headers, body)
        assert (answer.status_code, answer.content) == (200, b"success")
    assert Order.objects.get().state == Order.State.PAID
    assert Voucher.objects.count() == 1


def test_unsigned_notification_gets_a_bare_refusal():
    headers, body = signed_message()
    answer = notify(headers, body.replace(b"5000", b"5001"))
    assert (answer.status_code, answer.content) == (401, b"")
    assert notify({}, b"not json").status_code == 401
    assert notify(headers, body, gateway="gold").status_code == 404
    assert Client().get(reverse("payment_notify", args=["sandbox"])).status_code == 405
    assert Order.objects.get().state == Order.State.PENDING


# Orders --------------------------------------------------------------------------------


def test_order_page_offers_to_pay_or_cancel_while_it_waits():
    user = make_user()
    client, order = signed_in(user), make_order(user)
    page = text(client.get(reverse("order_detail", args=[order.number])))
    assert "Waiting for payment" in page
    assert reverse("order_cancel", args=[order.number]) in page
    client.post(reverse("order_cancel", args=[order.number]))
    page = text(client.get(reverse("order_detail", args=[order.number])))
    assert "cancelled" in page
    assert reverse("order_cancel", args=[order.number]) not in page


def test_order_whose_time_is_over_cannot_be_paid_from_its_page():
    user = make_user()
    client, order = signed_in(user), make_order(user)
    page = client.get(reverse("order_detail", args=[order.number]))
    form = {"form_key": hidden(page, "form_key"), "gateway": "sandbox"}
    with clock.at(order.expires_at):
        assert "Not paid in time" in text(client.get(reverse("order_detail", args=[order.number])))
        time_out_due()
        answer = client.post(reverse("order_pay", args=[order.number]), form, follow=True)
    assert "This order is closed" in text(answer)
    assert not Payment.objects.exists()


def test_paid_order_leads_to_its_vouchers():
    user = make_user()
    order = make_paid_order(user)
    page = text(signed_in(user).get(reverse("order_detail", args=[order.number])))
    assert "In your wallet: 1 voucher." in page
    assert reverse("voucher_detail", args=[Voucher.objects.get().pk]) in page


def test_an_order_whose_voucher_was_used_offers_no_code_any_more():
    user = make_user()
    order = make_paid_order(user)
    redeem(Voucher.objects.get())
    client = signed_in(user)
    page = text(client.get(reverse("order_detail", args=[order.number])))
    assert "Completed" in page and "Nothing left to use" in page
    assert "Show code" not in page and "In your wallet" not in page
    listed = text(client.get(reverse("order_list")))
    assert "Completed" in listed and "Show code" not in listed


def test_a_voucher_past_its_last_moment_is_not_offered_before_the_sweep_either():
    user = make_user()
    order = make_paid_order(user)
    client, url = signed_in(user), reverse("order_detail", args=[order.number])
    assert "Show code" in text(client.get(url))
    Voucher.objects.update(valid_until=clock.now())
    assert "Show code" not in text(client.get(url))


def test_the_bill_at_the_checkout_adds_up():
    user = make_user()
    client = signed_in(user)
    for price, usual in ((5000, 8000), (3000, 3000)):
        product = make_product(price_fen=price, list_price_fen=usual)
        add(client, offer_of(product), 2)
    view = client.get(reverse("checkout")).context["basket"]
    rows = [row.line.list_total_fen for row in view.buyable]
    assert (rows, view.quote.saved_fen, view.quote.total_fen) == ([16000, 6000], 6000, 16000)
    page = text(client.get(reverse("checkout")))
    for amount in ("¥160", "¥60", "−¥60", "list price ¥80 × 2"):
        assert amount in page


def test_late_money_is_explained_on_the_order(drain):
    user = make_user()
    client, order = signed_in(user), make_order(user)
    url = pay_url(client, order)
    client.post(reverse("order_cancel", args=[order.number]))
    Client().post(url, {"outcome": "paid"})
    assert "Your money goes back" in text(client.get(reverse("order_detail", args=[order.number])))
    drain()
    shown = text(client.get(reverse("order_detail", args=[order.number])))
    assert "Your money is back" in shown and "goes back" not in shown


def test_order_list_filters_and_pages():
    user = make_user()
    client, offer = signed_in(user), offer_of(make_product())
    orders = [make_order(user, offer) for _ in range(12)]
    paid = make_paid_order(user, offer)
    make_order()
    page = client.get(reverse("order_list"))
    assert len(page.context["cards"]) == 10
    older = client.get(reverse("order_list") + page.context["page"].next_url)
    shown = [view.order for view, *_ in [*page.context["cards"], *older.context["cards"]]]
    assert shown == [paid, *reversed(orders)]
    newer = client.get(reverse("order_list") + older.context["page"].previous_url)
    assert newer.context["cards"] == page.context["cards"]
    only = client.get(reverse("order_list"), {"state": "paid"}).context["cards"]
    assert [view.order for view, *_ in only] == [paid]


@pytest.mark.parametrize("name", ["order_detail", "order_pay", "order_cancel"])
def test_foreign_orders_are_not_found(name):
    client, url = signed_in(), reverse(name, args=[make_order().number])
    if name != "order_cancel":
        assert client.get(url).status_code == 404
    if name != "order_detail":
        form = {"gateway": "sandbox", "form_key": "x" * 20}
        assert client.post(url, form).status_code == 404
        assert client.post(url, {"gateway": "sandbox"}).status_code == 404  # a form without its key
    assert Order.objects.get().state == Order.State.PENDING


def test_every_form_carries_its_protection_against_forged_requests():
    user = make_user()
    client, order = signed_in(user), make_order(user)
    add(client, offer_of(make_product()))
    for url in (
        reverse("basket"),
        reverse("checkout"),
        reverse("order_detail", args=[order.number]),
        reverse("order_pay", args=[order.number]),
    ):
        forms = re.findall(r'<form[^>]*method="post".*?</form>', text(client.get(url)), re.S)
        assert forms
        for form in forms:
            assert re.search(r'name="csrfmiddlewaretoken" value="\w{20,}"', form), (url, form)


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": "9" * 30}, {"state": "nonsense"}])
def test_nonsense_in_the_address_is_harmless(query):
    assert signed_in().get(reverse("order_list"), query).status_code == 200


def test_pages_cost_the_same_for_few_lines_and_for_many():
    user = make_user()
    client = signed_in(user)

    def cost(name: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(name)).status_code == 200
        return len(queries)

    for round_ in range(2):
        for _ in range(1 + 5 * round_):
            add(client, offer_of(make_product()))
            make_paid_order(user)
        for name in ("basket", "checkout", "order_list"):
            cost(name)
        costs = {name: cost(name) for name in ("basket", "checkout", "order_list")}
        if round_ == 0:
            few = costs
    assert costs == few
    assert max(costs.values()) <= 8, costs


def test_ordering_costs_the_same_whoever_else_has_bought_and_one_statement_more_for_each_stock():
    """The press of the checkout's button, of terms that an order before has frozen."""

    def cost(offers: list[Offer]) -> int:
        """All statements of it."""
        client = signed_in(make_user())
        for offer in offers:
            add(client, offer)
        data = checkout_form(client)
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(reverse("checkout"), data)
        assert answer.status_code == 302, text(answer)
        assert Order.objects.latest("pk").lines.count() == len(offers)
        return len(queries)

    offers = [offer_of(make_product(stock=50)) for _ in range(6)]
    for offer in offers:
        make_paid_order(offer=offer)
    one = cost(offers[:1])
    assert cost(offers) == one + 5
    for offer in offers:
        for _ in range(3):
            make_paid_order(offer=offer)
            add(signed_in(make_user()), offer)
    assert cost(offers[:1]) == one
    assert cost(offers) == one + 5
    assert one <= 29


def test_a_limit_per_person_is_told_in_the_basket_by_what_is_left_of_it():
    offer = make_limited_offer(make_product(), price_fen=900, per_person_limit=3)
    buyer = make_user()
    place_order(buyer=buyer, lines=[(offer.pk, 2)])
    client = signed_in(buyer)
    added = add(client, offer, quantity=2)
    assert added.status_code == 302
    page = client.get(reverse("basket"))
    assert "limited per person: you can buy 1, and your basket holds 2." in page.content.decode()
    (row,) = page.context["basket"].rows
    assert (row.left, row.most, row.short) == (1, 1, True)
    client.post(reverse("basket_line", args=[offer.pk]), {"quantity": 1})
    place_order(buyer=buyer, lines=[(offer.pk, 1)])
    page = client.get(reverse("basket"))
    (row,) = page.context["basket"].rows
    assert row.own_limit_reached
    assert not row.buyable
    assert "reached the limit per person" in page.content.decode()
    (other,) = basket_view(guest_basket_with(offer)).rows
    assert (other.left, other.own_limit_reached) == (3, False)


def guest_basket_with(offer):
    basket = guest_basket()
    add_line(basket=basket, offer_id=offer.pk)
    return basket
