"""An order's net is one number wherever it stands: paid, less what was refunded."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from insights.selectors import best_sellers, sales_by_day
from orders.models import Order, OrderLine
from orders.net import with_net
from orders.selectors import order_view
from orders.services.cancel import cancel_order
from orders.services.place import place_order
from payments.models import Refund
from tests.factories import make_product, make_store, make_user, offer_of, pay_order, redeem
from vouchers.models import Voucher
from vouchers.services.refund import refund_voucher, return_redeemed
from vouchers.services.sold import count_sold

pytestmark = pytest.mark.django_db


def bought():
    """Three of one product and one of another, of two merchants: ¥30 + ¥7; vouchers in order."""
    buyer, store = make_user(), make_store()
    soup = make_product(stores=[store], price_fen=1000, title_en="Soup")
    cake = make_product(price_fen=700, title_en="Cake")
    order = pay_order(
        place_order(buyer=buyer, lines=[(offer_of(soup).pk, 3), (offer_of(cake).pk, 1)])
    )
    vouchers = list(Voucher.objects.filter(order_number=order.number, product=soup).order_by("pk"))
    return buyer, store, order, vouchers


def nets(order: Order) -> list[int]:
    return list(with_net(order.lines.order_by("pk")).values_list("net_fen", flat=True))


def test_a_line_is_worth_its_total_less_its_own_refunds() -> None:
    buyer, store, order, vouchers = bought()
    assert nets(order) == [3000, 700]
    refund_voucher(owner=buyer, voucher_id=vouchers[0].pk)
    assert nets(order) == [2000, 700]
    Refund.objects.update(state=Refund.State.FAILED)
    assert nets(order) == [2000, 700]
    done = redeem(vouchers[1], store=store)
    assert nets(order) == [2000, 700]
    return_redeemed(redemption_id=done.pk, uses=1, requested_by=None)
    assert nets(order) == [1000, 700]


def test_page_list_api_back_office_and_figures_agree() -> None:
    buyer, store, order, vouchers = bought()
    refund_voucher(owner=buyer, voucher_id=vouchers[0].pk)
    view = order_view(user=buyer, number=order.number)
    assert (view.net_fen, view.refunded_fen) == (2700, 1000)
    client = Client(headers={"accept-language": "en"})
    client.force_login(buyer)
    page = client.get(f"/orders/{order.number}/").content.decode()
    assert "−¥10<" in page
    assert "Refund: not used, " in page
    assert "After refunds" in page
    listed = client.get("/orders/").content.decode()
    assert "¥10 refunded" in listed
    api = APIClient()
    api.force_authenticate(buyer)
    body = api.get(f"/api/v1/orders/{order.number}").json()
    assert (body["total_fen"], body["refunded_fen"], body["net_fen"]) == (3700, 1000, 2700)
    assert [line["net_fen"] for line in body["lines"]] == [2000, 700]
    (of_list,) = api.get("/api/v1/orders").json()["results"]
    assert of_list == body
    merchants = [store.merchant_id]
    assert sales_by_day(merchants=merchants).values[-1] == 2000
    assert sales_by_day(merchants=None).values[-1] == 2700
    assert [(row["sold"], row["left_fen"]) for row in best_sellers(merchants=merchants)] == [
        (2, 2000)
    ]
    owner = store.merchant.staff.get(role="owner").user
    desk = Client(headers={"accept-language": "en"})
    desk.force_login(owner)
    row = desk.get("/admin/orders/orderline/").context["cl"].result_list[0]
    assert (row.payable_fen, row.refunded_fen, row.net_fen) == (3000, 1000, 2000)
    overview = desk.get("/admin/").content.decode()
    assert "Sold today, after refunds" in overview
    assert desk.get(f"/admin/orders/orderline/{row.pk}/change/").status_code == 200
    desk.force_login(make_user("operator"))
    assert "¥10" in desk.get(f"/admin/orders/order/{order.pk}/change/").content.decode()


def test_best_sellers_count_the_pieces_that_the_shop_counts() -> None:
    buyer, store = make_user(), make_store()
    card = make_product(stores=[store], kind="times_card", uses=3, price_fen=3000)
    ham = make_product(stores=[store], kind="goods", price_fen=900)
    order = pay_order(
        place_order(buyer=buyer, lines=[(offer_of(card).pk, 3), (offer_of(ham).pk, 4)])
    )
    count_sold(order_numbers=[order.number])
    cards = list(Voucher.objects.filter(product=card).order_by("pk"))
    (parcel,) = Voucher.objects.filter(product=ham)
    redeem(cards[0], store=store)  # one use of this card was had: the piece stays sold
    redeem(parcel, store=store)
    for voucher in (cards[0], cards[1], parcel):
        refund_voucher(owner=buyer, voucher_id=voucher.pk)
    sold = {row["product_id"]: row["sold"] for row in best_sellers(merchants=None)}
    for product, pieces in ((card, 2), (ham, 1)):
        product.refresh_from_db()
        assert sold[product.pk] == product.sales_count == pieces


def test_an_order_that_nobody_paid_comes_to_nothing() -> None:
    buyer, store = make_user(), make_store()
    soup = make_product(stores=[store], price_fen=1000, title_en="Soup")
    order = place_order(buyer=buyer, lines=[(offer_of(soup).pk, 3)])
    api, desk = APIClient(), Client(headers={"accept-language": "en"})
    api.force_authenticate(buyer)
    desk.force_login(store.merchant.staff.get(role="owner").user)
    for _moment in ("waiting for payment", "cancelled"):
        body = api.get(f"/api/v1/orders/{order.number}").json()
        assert (body["total_fen"], body["net_fen"], body["lines"][0]["net_fen"]) == (3000, 0, 0)
        row = desk.get("/admin/orders/orderline/").context["cl"].result_list[0]
        assert (row.payable_fen, row.net_fen) == (3000, 0)
        cancel_order(buyer=buyer, number=order.number)


def test_money_of_another_order_and_of_late_payments_is_not_taken_off() -> None:
    _buyer, _store, order, _vouchers = bought()
    other_buyer, _other_store, other, vouchers = bought()
    for voucher in vouchers:
        refund_voucher(owner=other_buyer, voucher_id=voucher.pk)
    assert (nets(order), nets(other)) == ([3000, 700], [0, 700])
    lines = with_net(OrderLine.objects.filter(order=other))
    assert sum(lines.values_list("refunded_fen", flat=True)) == 3000
    assert "Soup" not in str(best_sellers(merchants=[vouchers[0].merchant_id]))
