"""What the audit says about the books of a test, and small stories that end in a voucher."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from insights.services.audit import find_violations
from members.models import User
from orders.services.pay import receive_notification
from payments.models import LedgerEntry, Payment
from payments.sandbox.services import decide
from stores.models import Store
from tests.factories import (
    make_product,
    make_staff,
    make_store,
    make_user,
    make_voucher,
    start_payment,
)
from vouchers.models import Voucher
from vouchers.services.redeem import redeem_voucher

SignedMessage = tuple[dict[str, str], bytes]


def broken() -> set[str]:
    """The codes of the invariants that do not hold now; a healthy shop has none."""
    return {finding.code for finding in find_violations()}


def balance(account: str) -> int:
    """What an account holds, a credit as a positive number, in fen."""
    return -sum(LedgerEntry.objects.filter(account=account).values_list("amount_fen", flat=True))


class Counter(NamedTuple):
    """A voucher, its owner, and a clerk who may redeem it."""

    voucher: Voucher
    owner: User
    store: Store
    clerk: User

    def redeem(self, uses: int = 1) -> Any:
        return redeem_voucher(
            staff=self.clerk, store_id=self.store.pk, code=self.voucher.code, uses=uses
        )


def at_the_counter(**product: Any) -> Counter:
    """A paid voucher, ready to be redeemed."""
    store = make_store()
    owner = make_user(display_name="Mei Lin")
    voucher = make_voucher(owner=owner, product=make_product(stores=[store], **product))
    return Counter(
        voucher, owner, store, make_staff(store, user=make_user(display_name="Wang Fang"))
    )


def press(payment: Payment, outcome: str = "paid") -> SignedMessage:
    """Press a button of the cashier page; the signed notification is not delivered yet."""
    message = decide(token=payment.pay_url.rstrip("/").rsplit("/", 1)[-1], outcome=outcome)
    assert message is not None
    return message


def deliver(message: SignedMessage) -> str:
    """Hand a notification to the shop, as the gateway does; the outcome in one word."""
    headers, body = message
    return receive_notification(gateway="sandbox", headers=headers, body=body)


def begin_payment(order: Any) -> Payment:
    """Go to the cashier page of an order."""
    return start_payment(buyer=order.buyer, number=order.number, gateway="sandbox")


def paid_notification(order: Any) -> SignedMessage:
    """The buyer has paid at the gateway; the shop does not know yet."""
    return press(begin_payment(order))


def times(count: int, job: Callable[[], Any]) -> list[Callable[[], Any]]:
    """The same job, so many times."""
    return [job] * count
