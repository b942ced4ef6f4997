"""What an order's payments are for, and what each of them makes of its vouchers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import F

from kernel.db.prepared import Prepared
from kernel.money import spread
from orders.errors import OrderAlreadyPaid, OrderClosed
from orders.models import Order, OrderDiscount, OrderLine
from payments.models import Payment
from payments.parties import Party, merchant_key, parse_party
from payments.services import moves, postings
from vouchers.components import missing_of
from vouchers.models import Voucher
from vouchers.services.balance import held_for_balance, receive_balance
from vouchers.services.issue import IssueLine, issue_vouchers
from vouchers.services.split import Discount, Tender
from vouchers.terms import read_terms

Purpose = Payment.Purpose
UNPAID = "unpaid"
"""The layer and source of what is taken off fees whose balance was not paid in time."""


class Due(NamedTuple):
    """What has to be paid of an order next, and until when."""

    purpose: str
    amount_fen: int
    until: dt.datetime


def due_of(order: Order) -> Due:
    """What the order still waits for: all of it, its deposit, or then the balance with the fees.

    Two queries for a balance, a third where the fees alone are left. Raises OrderAlreadyPaid,
    OrderClosed.
    """
    if order.state == Order.State.DEPOSIT:
        held = held_for_balance(order.number)
        due_fen = sum(map(missing_of, held))
        due_fen += sum(fee.amount_fen for fee in _fees_with(order, held))
        if due_fen and order.balance_until:
            return Due(Purpose.BALANCE, due_fen, order.balance_until)
        raise OrderClosed(state=order.state)
    if order.state == Order.State.PAID:
        raise OrderAlreadyPaid(state=order.state)
    if order.state != Order.State.PENDING:
        raise OrderClosed(state=order.state)
    if order.deposit_fen:
        return Due(Purpose.DEPOSIT, order.deposit_fen, order.expires_at)
    return Due(Purpose.WHOLE, order.total_fen, order.expires_at)


def is_due(order: Order) -> bool:
    """Whether something is left to pay of an order whose deposit is paid."""
    try:
        return due_of(order).amount_fen > 0
    except OrderClosed:
        return False


_LINES = Prepared(
    lambda order_id: OrderLine.objects.filter(order_id=order_id).select_related("terms"),
    int,
    most=None,
)


def lines_of(order: Order) -> list[OrderLine]:
    """The order's lines, items with their terms; one query."""
    return _LINES.all(order.pk)


def fees_of(lines: Sequence[OrderLine]) -> list[moves.Charged]:
    """What an order pays besides its vouchers, and to whom."""
    return [
        moves.Charged(line.pk, _payee(line), line.payable_fen)
        for line in lines
        if line.kind == OrderLine.Kind.FEE
    ]


def _fees_with(order: Order, held: Sequence[Voucher]) -> list[moves.Charged]:
    """The fees that come with the balance: none where no voucher is left that they could be for."""
    fees = fees_of(lines_of(order))
    return fees if held or (fees and keeps_vouchers(order)) else []


def keeps_vouchers(order: Order) -> bool:
    """Whether a voucher of the order can be used, or was: all of it is paid, or rebates took the rest off."""
    usable = (Voucher.State.ACTIVE, Voucher.State.USED)
    return Voucher.objects.filter(order_number=order.number, state__in=usable).exists()


def _payee(line: OrderLine) -> Party:
    """Of a fee: it names its payee, or else has a merchant."""
    return parse_party(line.payee or merchant_key(line.merchant_id or 0))


def take_fees_off(order: Order) -> None:
    """The fees of an order whose balance was not paid are owed by nobody.

    Runs in the caller's transaction, which holds the order. They stay on it, with all of it
    taken off: as a discount that their payee bears.
    """
    fees = [
        line for line in lines_of(order) if line.kind == OrderLine.Kind.FEE and line.payable_fen
    ]
    for line in fees:
        OrderDiscount.objects.create(
            line=line,
            layer=UNPAID,
            source=UNPAID,
            label_en="Not paid in time",
            label_zh="未按时支付",
            funder=line.payee or merchant_key(line.merchant_id or 0),
            amount_fen=line.payable_fen,
        )
        OrderLine.objects.filter(pk=line.pk).update(discount_fen=F("gross_fen"), payable_fen=0)
    off_fen = sum(line.payable_fen for line in fees)
    Order.objects.filter(pk=order.pk).update(total_fen=F("total_fen") - off_fen)


def issue_paid(order: Order, payment: Payment | None, lines: Sequence[OrderLine]) -> list[Voucher]:
    """Issue the vouchers of an order that is paid whole, in part, or has nothing to pay.

    Runs in the caller's transaction, which holds the order. The discounts of each line are on
    its vouchers as they were frozen. A part that is still to be paid makes the vouchers held.
    """
    items = [line for line in lines if line.kind == OrderLine.Kind.ITEM]
    deposits = spread(order.deposit_fen or 0, [line.payable_fen for line in items])
    discounts = _discounts(items)
    return issue_vouchers(
        buyer_id=order.buyer_id,
        order_number=order.number,
        held_until=order.balance_until if order.deposit_fen else None,
        lines=[
            _issue_line(line, _tenders(order, line, deposit_fen, payment), discounts[line.pk])
            for line, deposit_fen in zip(items, deposits, strict=True)
        ],
    )


def take_balance(order: Order, payment: Payment) -> bool:
    """Let the balance make the order's held vouchers usable; False when it is not the balance.

    Runs in the caller's transaction, which holds order and payment. Locks the vouchers. What
    is missing may have changed since the payment was started, also while we waited for a lock: a
    voucher was sent back, or got cheaper. Then nothing is changed, and the money goes back.
    """
    vouchers = held_for_balance(order.number, lock=True)
    missing = {voucher.pk: missing_of(voucher) for voucher in vouchers}
    fees = _fees_with(order, vouchers)
    due_fen = sum(missing.values()) + sum(fee.amount_fen for fee in fees)
    if due_fen != payment.amount_fen:
        return False
    if not receive_balance(vouchers, payment=payment):
        return False
    postings.pay(
        payment_number=payment.number,
        custodian=payment.gateway,
        amount_fen=payment.amount_fen,
        vouchers=[
            moves.Sold(row.pk, row.merchant_id, missing[row.pk])
            for row in vouchers
            if missing[row.pk]
        ],
        fees=fees,
    )
    return True


def _tenders(
    order: Order, line: OrderLine, deposit_fen: int, payment: Payment | None
) -> list[Tender]:
    if payment is None:
        return []
    if not order.deposit_fen:
        return [Tender(Purpose.WHOLE, line.payable_fen, payment.pk, payment.gateway)]
    return [
        Tender(Purpose.DEPOSIT, deposit_fen, payment.pk, payment.gateway),
        Tender(Purpose.BALANCE, line.payable_fen - deposit_fen),
    ]


def _discounts(lines: Sequence[OrderLine]) -> dict[int, list[Discount]]:
    """The frozen discounts of each line; no query where nothing was taken off."""
    found: dict[int, list[Discount]] = defaultdict(list)
    reduced = [line.pk for line in lines if line.discount_fen]
    if reduced:
        rows = OrderDiscount.objects.filter(line__in=reduced).order_by("pk")
        frozen = rows.values_list("line_id", "funder", "amount_fen", "in_base")
        for line_id, funder, fen, in_base in frozen:
            found[line_id].append(Discount(funder, fen, in_base))
    return found


def _issue_line(line: Any, tenders: Sequence[Tender], discounts: Sequence[Discount]) -> IssueLine:
    """Of an item: it has a merchant, a product with its offer, and terms."""
    terms = read_terms(line.terms.body, subject=f"terms:{line.terms_id}")
    return IssueLine(
        order_line_id=line.pk,
        merchant_id=line.merchant_id,
        product_id=line.product_id,
        product_kind=terms.kind,
        variant_id=line.variant_id,
        offer_id=line.offer_id,
        terms=line.terms,
        quantity=line.quantity,
        unit_price_fen=line.unit_price_fen,
        commission_rate=line.commission_rate,
        commission_fixed_fen=line.commission_fixed_fen,
        validity_days=terms.validity_days,
        uses=terms.uses,
        tenders=tenders,
        discounts=discounts,
    )
