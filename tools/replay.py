"""Replay real invoices through the real services: place, pay, issue, redeem, return.

An invoice becomes an order of its customer, paid by the sandbox, its goods redeemed at the
merchant's first store. An invoice whose number begins with C takes redeemed goods back.
Prices are the invoice's own, at face value in yuan; a row that says too little is refused
and never guessed at. Everything happens now: the dates of the invoices are not replayed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from catalog.models import Offer, Product
from catalog.services.offers import set_normal_price
from kernel.clock import now
from kernel.errors import Refusal
from kernel.imports.files import Row
from kernel.imports.report import Outcome, Refused
from kernel.money import MAX_AMOUNT_FEN, yuan_to_fen
from members.models import User
from members.services.accounts import import_person
from orders.models import ExternalOrder, Order
from orders.services.pay import open_payment, prepare_payment
from orders.services.place import place_order
from orders.services.sandbox import decide_and_deliver
from payments.models import SandboxTrade
from stores.models import Merchant, Store
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import return_redeemed

COLUMNS = ("InvoiceNo", "StockCode", "Quantity", "UnitPrice", "CustomerID")
GATEWAY = "sandbox"
MAX_QUANTITY = 2**31 - 1
"""What the column of an order line takes."""


class Invoice(NamedTuple):
    """The rows of one invoice, in the order of the file."""

    number: str
    rows: list[Row]

    @property
    def is_return(self) -> bool:
        """Whether it is a cancellation: its number begins with C."""
        return self.number.upper().startswith("C")


class Line(NamedTuple):
    """A row that can be replayed."""

    row: Row
    code: str
    quantity: int
    price_fen: int


def gather_invoices(
    rows: Iterable[Row], *, limit: int | None, unread: Callable[[], None]
) -> Iterator[Invoice]:
    """Gather neighbouring rows of one number; at most ``limit`` invoices.

    ``unread`` is called for the row after the last invoice, which was read and not used.
    """
    number, count = "", 0
    gathered: list[Row] = []
    for row in rows:
        if row.cells["InvoiceNo"] != number and gathered:
            yield Invoice(number, gathered)
            gathered, count = [], count + 1
            if limit is not None and count >= limit:
                unread()
                return
        number = row.cells["InvoiceNo"]
        gathered.append(row)
    if gathered:
        yield Invoice(number, gathered)


class InvoiceReplay:
    """Replays invoices of ``merchant``; redeems as ``staff`` at ``store``."""

    def __init__(self, merchant: Merchant, store: Store, staff: User) -> None:
        self.merchant, self.store, self.staff = merchant, store, staff
        self.customers: dict[str, User] = {}
        self.lines: dict[str, int] = {}

    def replay(self, invoice: Invoice) -> Outcome:
        """Replay one invoice, or go on where an earlier run stopped; safe to repeat.

        Each step is a service with its own transaction: the order and the record of its
        invoice commit together, then it is paid, then redeemed, then the record is closed.
        Each of its rows is made, unchanged or refused in the outcome.
        """
        if not invoice.number:
            return _none_of(invoice, _("It has no invoice number."))
        line = self.lines.setdefault(invoice.number, invoice.rows[0].line)
        if line != invoice.rows[0].line:
            reason = _(
                "Invoice %(number)s begins on line %(line)s; its rows must follow one another."
            )
            return _none_of(invoice, reason % {"number": invoice.number, "line": line})
        record = ExternalOrder.objects.filter(merchant=self.merchant, number=invoice.number).first()
        if record and len(invoice.rows) != record.accepted + len(record.refused):
            return _none_of(
                invoice,
                _("This invoice was replayed before with different rows. Nothing was changed."),
            )
        if record and record.finished_at:
            return _outcome(record, unchanged=record.accepted)
        record = self._take_back(invoice) if invoice.is_return else self._sell(invoice, record)
        return _outcome(record, made=record.accepted)

    # Sales --------------------------------------------------------------------------------

    def _sell(self, invoice: Invoice, record: ExternalOrder | None) -> ExternalOrder:
        if record is None or record.order is None or record.order.state in _CLOSED:
            record = self._place(invoice, record)
        if record.order is not None:
            self._pay(record.order)
            self._redeem(record.order)
        return _finish(record)

    def _place(self, invoice: Invoice, record: ExternalOrder | None) -> ExternalOrder:
        lines, refused = self._readable(invoice, sign=1)
        lines, twice = _one_price_each(lines)
        refused += twice
        record = record or ExternalOrder(merchant=self.merchant, number=invoice.number)
        with transaction.atomic():
            try:
                with transaction.atomic():
                    record.order = self._order(invoice, lines) if lines else None
            except Refusal as refusal:
                refused += [_refused(line.row, str(refusal)) for line in lines]
                lines, record.order = [], None
            record.accepted = len(lines)
            record.refused = sorted(refused)
            record.save()
        return record

    def _order(self, invoice: Invoice, lines: list[Line]) -> Order:
        offers = self._offers({line.code: line.price_fen for line in lines})
        return place_order(
            buyer=self._customer(lines[0]),
            lines=[(offers[line.code].pk, line.quantity) for line in lines],
        )

    def _offers(self, prices: dict[str, int]) -> dict[str, Offer]:
        """The normal offers of the codes, at the invoice's prices."""
        found = Offer.objects.filter(
            merchant=self.merchant,
            kind=Offer.Kind.NORMAL,
            active=True,
            product__external_code__in=prices,
        ).select_related("product", "variant")
        offers = {offer.product.external_code: offer for offer in found}
        for code, offer in offers.items():
            if offer.price_fen != prices[code]:
                offers[code] = set_normal_price(variant=offer.variant, price_fen=prices[code])
        return offers

    def _pay(self, order: Order) -> None:
        if order.state != Order.State.PENDING:
            return
        payment = open_payment(
            payment=prepare_payment(buyer=order.buyer, number=order.number, gateway=GATEWAY)
        )
        token = SandboxTrade.objects.values_list("token", flat=True).get(
            out_trade_no=payment.number
        )
        decide_and_deliver(token=token, outcome="paid")

    def _redeem(self, order: Order) -> None:
        waiting = Voucher.objects.filter(order_number=order.number, state=Voucher.State.ACTIVE)
        for voucher in waiting.order_by("pk"):
            redeem_voucher(
                staff=self.staff,
                store_id=self.store.pk,
                code=voucher.code,
                uses=voucher.uses_left,
            )

    # Cancellations ------------------------------------------------------------------------

    @transaction.atomic
    def _take_back(self, invoice: Invoice) -> ExternalOrder:
        lines, refused = self._readable(invoice, sign=-1)
        accepted = 0
        for line in lines:
            if self._return(self._customer(line), line):
                accepted += 1
            else:
                reason = _("This customer has not bought enough of it to return that many.")
                refused.append(_refused(line.row, reason))
        record = ExternalOrder(
            merchant=self.merchant,
            number=invoice.number,
            accepted=accepted,
            refused=sorted(refused),
        )
        return _finish(record)

    def _return(self, customer: User, line: Line) -> bool:
        """Take the quantity back from the customer's latest redemptions, all of it or none."""
        candidates = Redemption.objects.filter(
            voucher__owner=customer,
            merchant=self.merchant,
            voucher__product__external_code=line.code,
            undone_at__isnull=True,
            returned_uses__lt=F("uses"),
            value_fen__gt=0,
        ).order_by("-pk")
        takes, left = [], line.quantity
        for redemption in candidates:
            uses = min(left, redemption.uses - redemption.returned_uses)
            takes.append((redemption.pk, uses))
            left -= uses
            if not left:
                break
        if left:
            return False
        for redemption_id, uses in takes:
            # The books of another house came to this already: no limit of ours applies.
            return_redeemed(redemption_id=redemption_id, uses=uses, requested_by=None)
        return True

    # Rows ---------------------------------------------------------------------------------

    def _readable(self, invoice: Invoice, *, sign: int) -> tuple[list[Line], list[list[Any]]]:
        codes = {row.cells["StockCode"] for row in invoice.rows}
        known = set(
            Product.objects.filter(
                merchant=self.merchant, external_code__in=codes, state=Product.State.ACTIVE
            ).values_list("external_code", flat=True)
        )
        lines: list[Line] = []
        refused: list[list[Any]] = []
        customer = next(filter(None, map(_customer_number, invoice.rows)), "")
        for row in invoice.rows:
            line = _read(row, known, sign)
            if _customer_number(row) not in ("", customer):
                line = _("This invoice already has another customer.")
            if isinstance(line, Line):
                lines.append(line)
            else:
                refused.append(_refused(row, line))
        return lines, refused

    def _customer(self, line: Line) -> User:
        number = _customer_number(line.row)
        if number not in self.customers:
            self.customers[number] = import_person(
                identifier=f"customer-{number}@{self.merchant.slug}.invalid",
                display_name=_("Customer %(number)s") % {"number": number},
                language="en",
            )
        return self.customers[number]


_CLOSED = (Order.State.CANCELLED, Order.State.TIMED_OUT)


def _customer_number(row: Row) -> str:
    return row.cells["CustomerID"].removesuffix(".0")


def _read(row: Row, known: set[str], sign: int) -> Line | str:
    """The line of a row, or the reason why it cannot be replayed."""
    cells = row.cells
    if not _customer_number(row):
        return _("No customer: nobody's order can be placed.")
    if not _customer_number(row).isalnum():
        return _("The customer number is not a number.")
    if not re.fullmatch(r"-?[0-9]{1,18}", cells["Quantity"]):
        return _("The quantity is not a whole number.")
    quantity = int(cells["Quantity"]) * sign
    if quantity < 1:
        return _("The quantity does not fit this kind of invoice.")
    try:
        price_fen = yuan_to_fen(cells["UnitPrice"])
    except (ValueError, ArithmeticError):
        return _("The price is not an amount with two decimals.")
    if price_fen < 1:
        return _("The price is zero or less.")
    if price_fen > MAX_AMOUNT_FEN or quantity > MAX_QUANTITY:
        return _("The price or the quantity is larger than any order may be.")
    if cells["StockCode"] not in known:
        return _("No product on sale has this code.")
    return Line(row, cells["StockCode"], quantity, price_fen)


def _one_price_each(lines: list[Line]) -> tuple[list[Line], list[list[Any]]]:
    """A product has one price in an order: rows that differ from its first row are refused."""
    prices: dict[str, int] = {}
    kept, refused = [], []
    for line in lines:
        if prices.setdefault(line.code, line.price_fen) == line.price_fen:
            kept.append(line)
        else:
            reason = _("The same product already has a different price on this invoice.")
            refused.append(_refused(line.row, reason))
    return kept, refused


def _refused(row: Row, reason: str) -> list[Any]:
    return [row.line, f"{row.cells['InvoiceNo']} {row.cells['StockCode']}", reason]


def _none_of(invoice: Invoice, reason: str) -> Outcome:
    return Outcome(refused=[Refused(*_refused(row, reason)) for row in invoice.rows])


def _finish(record: ExternalOrder) -> ExternalOrder:
    record.finished_at = now()
    record.save()
    return record


def _outcome(record: ExternalOrder, *, made: int = 0, unchanged: int = 0) -> Outcome:
    return Outcome(
        made=made,
        unchanged=unchanged,
        refused=[Refused(*row) for row in record.refused],
    )
