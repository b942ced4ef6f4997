"""What the platform's operator sees and decides: money, books, bills, outbox, audit."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from insights.services.audit import run_audit
from insights.tasks import run_audit as audit_task
from kernel import clock
from orders.models import Order
from orders.tasks import time_out_orders
from payments.models import (
    BillLine,
    Payout,
    ReconciliationException,
    Statement,
)
from payments.services.reconcile import reconcile_bill
from payments.tasks import reconcile_bills, settle_merchants
from tests.browser.person import DESK, PHONE, Person
from tests.factories import make_order, make_product, make_user, make_voucher, redeem
from tests.journeys.steps import log_in, sign_in
from tests.journeys.town import Town, build, from_now
from vouchers.models import Voucher
from vouchers.tasks import expire_vouchers, release_redemptions

BOOKS = (
    "orders/order",
    "orders/orderline",
    "vouchers/voucher",
    "vouchers/redemption",
    "payments/ledgertransaction",
    "payments/ledgerentry",
    "payments/payment",
    "payments/gatewayevent",
    "payments/gatewaybill",
    "payments/reconciliationrun",
    "payments/statement",
    "outbox/outboxevent",
    "insights/auditrun",
    "members/user",
)


def a_week_of_trade(town: Town, drain: Callable[..., int]) -> Statement:
    """Two vouchers sold and one redeemed four days ago; nights that settled and reconciled."""
    with clock.at(from_now(days=-4)):
        bought = make_voucher(owner=town.customer, product=town.dumplings, quantity=2)
        redeem(bought, store=town.store, staff=town.clerk)
    drain()
    with clock.at(from_now(days=-4, minutes=30)):
        assert release_redemptions() == 1
    settle_merchants()
    reconcile_bills()
    drain()
    return Statement.objects.get()


def test_the_books_are_open_and_a_payout_is_recorded(
    visitor: Callable[..., Person], drain: Callable[..., int]
) -> None:
    town = build()
    statement = a_week_of_trade(town, drain)
    audit_task()
    operator = visitor()
    operator.open("/admin/")
    log_in(operator, "operator@example.com")
    operator.reads("The platform today")
    for book in BOOKS:
        operator.open(f"/admin/{book}/")
        assert operator.page.locator("#result_list tbody tr").count() >= 1, book
        operator.page.locator("#result_list tbody a").first.click()
        operator.page.wait_for_load_state()
        assert operator.path != f"/admin/{book}/", f"the row of {book} opens"

    operator.open("/admin/payments/statement/")
    operator.page.locator("#result_list tbody input[type=checkbox]").first.check()
    operator.page.locator("select[name=action]").select_option("ask_for_payout")
    operator.page.get_by_role("button", name="Run").click()
    operator.sees("Make no transfer yet")
    operator.sees(f"together ¥{statement.net_fen / 100:.2f}")
    operator.page.get_by_role("button", name="Ask for the payout").click()
    operator.sees("waits for a second person. Do not transfer it yet.")
    _agree(visitor(), statement)
    assert not Payout.objects.exists()
    operator.open(f"/admin/payments/statement/{statement.pk}/change/")
    operator.sees("enters the bank's reference here")
    operator.page.get_by_role("link", name="Enter the bank's reference").first.click()
    operator.page.get_by_label(statement.number).fill("HZB-20261128-0007")
    operator.page.get_by_role("button", name="Enter the bank's reference").click()
    operator.sees("is recorded, reference HZB-20261128-0007.")
    payout = Payout.objects.get()
    assert (payout.statement, payout.amount_fen) == (statement, statement.net_fen)
    assert payout.bank_reference == "HZB-20261128-0007"
    assert payout.sent_by == town.operator
    assert payout.approved_by != town.operator

    wang = visitor(width=PHONE)
    sign_in(wang, town.owner)
    wang.open("/admin/payments/payout/")
    wang.sees(payout.number)
    assert run_audit().is_clean


def _agree(second: Person, statement: Statement) -> None:
    """Another operator reads what was asked for, to the fen, and agrees to it."""
    sign_in(second, make_user("operator"))
    second.open("/admin/stores/approval/")
    second.sees(statement.number)
    second.sees(f"¥{statement.net_fen / 100:.2f}")
    second.page.locator("#result_list tbody input[type=checkbox]").first.check()
    second.page.locator("select[name=action]").select_option("agree")
    second.page.get_by_role("button", name="Run").click()
    second.sees("You are the second person.")
    second.page.get_by_role("button", name="Agree").click()
    second.sees("enters the bank's reference on the statement")


def test_a_difference_on_the_bill_is_seen_and_settled_with_a_reason(
    visitor: Callable[..., Person], drain: Callable[..., int]
) -> None:
    town = build()
    a_week_of_trade(town, drain)
    line = BillLine.objects.get(kind="payment")
    BillLine.objects.filter(pk=line.pk).update(amount_fen=1)
    reconcile_bill(bill=line.bill)
    exception = ReconciliationException.objects.get(kind="amount")
    operator = visitor()
    sign_in(operator, town.operator)
    operator.open(f"/admin/payments/reconciliationexception/{exception.pk}/change/")
    operator.page.get_by_role("button", name="Save and mark as resolved").click()
    exception.refresh_from_db()
    assert exception.state == "open", "without a reason it stays on the list"

    operator.open(f"/admin/payments/reconciliationexception/{exception.pk}/change/")
    operator.page.locator("#id_note").fill("The bank confirmed ¥136.00 by telephone.")
    operator.page.get_by_role("button", name="Save and mark as resolved").click()
    operator.sees("Marked as resolved.")
    exception.refresh_from_db()
    assert (exception.state, exception.resolved_by) == ("resolved", town.operator)


def test_a_suspended_merchant_leaves_the_shop(visitor: Callable[..., Person]) -> None:
    town = build()
    operator = visitor()
    sign_in(operator, town.operator)
    operator.open("/admin/stores/merchant/")
    row = operator.page.locator("#result_list tr", has_text="Pier Kitchen")
    row.locator("input[type=checkbox]").check()
    operator.page.locator("select[name=action]").select_option("suspend")
    operator.page.get_by_role("button", name="Run").click()
    operator.sees("nothing can be redeemed until you reinstate it")
    operator.page.get_by_role("button", name="Suspend").click()
    operator.sees("Pier Kitchen: suspended.")
    guest = visitor(width=PHONE)
    guest.expect_status(404)
    guest.open(f"/products/{town.dumplings.pk}/")
    guest.reads("Page not found")
    guest.open("/products/")
    expect(guest.page.locator(".card__title")).to_have_count(0)


def test_what_the_workers_did_shows_and_twice_is_once(
    visitor: Callable[..., Person], drain: Callable[..., int]
) -> None:
    """Time out, expire with refund, release, settle, reconcile: each run twice, seen on pages."""
    town = build("zh-hans")
    statement = a_week_of_trade(town, drain)
    order = make_order(town.customer, town.dumplings_offer)
    brief = make_product(merchant=town.merchant, category=town.category, validity_days=1)
    fading = make_voucher(owner=town.customer, product=brief)
    with clock.at(from_now(minutes=30)):
        assert (time_out_orders(), time_out_orders()) == (1, 0)
    with clock.at(from_now(days=5)):
        assert (expire_vouchers(), expire_vouchers()) == (1, 0)
    drain()
    for _night in range(2):
        release_redemptions()
        settle_merchants()
        reconcile_bills()
    drain()
    assert Statement.objects.get() == statement
    assert not ReconciliationException.objects.exists()
    fading.refresh_from_db()
    order.refresh_from_db()
    assert (fading.state, order.state) == (Voucher.State.REFUNDED, Order.State.TIMED_OUT)

    mei = visitor(language="zh-hans", width=DESK)
    sign_in(mei, town.customer)
    mei.open(f"/vouchers/{fading.pk}/")
    mei.reads("Refund of %(amount)s", amount="¥50")
    mei.open(f"/orders/{order.number}/")
    mei.reads(str(Order.State.TIMED_OUT.label))
    mei.open("/inbox/")
    assert mei.main.locator("li").count() >= 3, "paid, redeemed, expired are told"
    assert run_audit().is_clean
