"""What orders look like to their buyer; each function a fixed number of queries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Prefetch, Sum, prefetch_related_objects
from django.http import QueryDict

from kernel.http.paging import ListPage, newest_page
from members.models import User
from orders.access import access_order_for_buyer, orders_of
from orders.models import Order, OrderDiscount, OrderLine
from orders.net import whole, with_net
from orders.parts import PLACE, Part, VoucherOfOrder, parts_of
from orders.pricing.quotes import DiscountSum, sum_discounts
from orders.states import DepositOutcome, OrderState, standing_of, with_standing
from payments.models import Payment, Refund
from vouchers.models import RefundPart, Voucher
from vouchers.outcome import with_sent_back
from vouchers.presentation import money_is_back
from vouchers.selectors import prices_by_payment


class OrderView(NamedTuple):
    """An order with all that its page and its API answer show.

    ``usable_ids`` are the vouchers that can still be shown at a counter, ``sent_back`` is how many
    were sent back whole. ``pieces`` are those of goods among the usable ones that wait to be picked up.
    The lines carry what was refunded of them (orders/net.py).
    """

    order: Order
    lines: list[Any]
    voucher_ids: list[int]
    usable_ids: list[int]
    sent_back: int
    vouchers: Sequence[VoucherOfOrder] = ()
    pieces: Mapping[int, int] = {}

    @property
    def in_wallet(self) -> tuple[int, int]:
        """The vouchers that can be used, without those of goods, and the pieces of these."""
        return len(self.usable_ids) - len(self.pieces), sum(self.pieces.values())

    @property
    def items(self) -> list[Any]:
        """The lines that stand for a product, without fees."""
        return [line for line in self.lines if line.is_item]

    @property
    def parts(self) -> list[Part]:
        """What each store hands over, and how far it is."""
        return parts_of(self.order, self.items, self.vouchers)

    @property
    def standing(self) -> OrderState:
        """The state as people read it."""
        return standing_of(
            self.order,
            vouchers=len(self.voucher_ids),
            usable=len(self.usable_ids),
            sent_back=self.sent_back,
        )

    @property
    def discounts(self) -> list[DiscountSum]:
        """What was taken off, one row for each rule."""
        return sum_discounts(part for line in self.lines for part in discounts_of(line))

    @property
    def gross_fen(self) -> int:
        """What the order would cost without discounts."""
        return sum(line.gross_fen for line in self.lines)

    @property
    def received_fen(self) -> int:
        """What has been paid of the order, refunds aside."""
        return sum(line.received_fen for line in self.lines)

    @property
    def held(self) -> int:
        """How many vouchers wait for the balance."""
        return sum(voucher.state == Voucher.State.HELD for voucher in self.vouchers)

    @property
    def refunded_fen(self) -> int:
        """What went back of the order, or is on its way."""
        return sum(line.refunded_fen for line in self.lines)

    @property
    def net_fen(self) -> int:
        """What the order comes to after refunds."""
        return sum(line.net_fen for line in self.lines)

    @property
    def deposit_outcome(self) -> DepositOutcome | None:
        """What became of the deposit of an order whose balance was not paid in time.

        None of other orders, and until the vouchers have ended by their terms.
        """
        if self.order.state != Order.State.TIMED_OUT or not self.received_fen or self.held:
            return None
        if not self.refunded_fen:
            return DepositOutcome.KEPT
        return DepositOutcome.PART_REFUNDED if self.net_fen else DepositOutcome.REFUNDED

    @property
    def shown_fen(self) -> int:
        """The amount beside an order in a list: what it comes to, once paid after refunds."""
        over = self.order.paid_at or self.standing == OrderState.REFUNDED
        return self.net_fen if over else self.order.total_fen


def discounts_of(line: Any) -> list[OrderDiscount]:
    """The parts of a line's discount, no query for a line without one."""
    return list(line.discounts.all()) if line.discount_fen else []


def placed_view(order: Order) -> OrderView:
    """An order that this request has just placed, without reading its lines again.

    No query while it waits for its payment; one for its vouchers when nothing was to pay.
    """
    vouchers = vouchers_of([order.number])[order.number] if order.paid_at else []
    return _view(order, whole(order.lines.all()), vouchers)


def order_view(*, user: User, number: str, pictures: bool = False) -> OrderView:
    """Return the person's order in three queries, one more with pictures, one with discounts.

    Raises NotFound.
    """
    order = access_order_for_buyer(user=user, number=number)
    return order_views([order], pictures=pictures)[0]


def order_views(orders: Sequence[Order], *, pictures: bool = False) -> list[OrderView]:
    """Add lines and voucher ids to a page of orders.

    Two queries, one more with pictures, one where a line has discounts.
    """
    lines = with_net(OrderLine.objects.select_related("product__category", "merchant", *PLACE))
    if pictures:
        lines = lines.prefetch_related("product__pictures")
    prefetch_related_objects(orders, Prefetch("lines", lines))
    reduced = [line for order in orders for line in order.lines.all() if line.discount_fen]
    prefetch_related_objects(reduced, "discounts")
    vouchers = vouchers_of(
        [order.number for order in orders if order.state == Order.State.PAID or order.deposit_fen]
    )
    return [_view(order, list(order.lines.all()), vouchers[order.number]) for order in orders]


def _view(order: Order, lines: list[Any], vouchers: Sequence[VoucherOfOrder]) -> OrderView:
    return OrderView(
        order,
        lines,
        [voucher.pk for voucher in vouchers],
        [voucher.pk for voucher in vouchers if voucher.is_usable],
        sum(voucher.is_sent_back for voucher in vouchers),
        vouchers,
        {
            voucher.pk: voucher.uses_total - voucher.uses_used
            for voucher in vouchers
            if voucher.is_usable and voucher.kind == Voucher.Kind.PICKUP
        },
    )


def vouchers_of(numbers: Sequence[str]) -> dict[str, list[VoucherOfOrder]]:
    """Return the vouchers by order number, ascending. One query, none without numbers."""
    found: dict[str, list[VoucherOfOrder]] = defaultdict(list)
    if numbers:
        rows = with_sent_back(Voucher.objects.filter(order_number__in=numbers).with_usable())
        columns = ("order_number", *VoucherOfOrder._fields)
        for number, *facts in rows.order_by("pk").values_list(*columns):
            found[number].append(VoucherOfOrder(*facts))
    return found


ORDERS_PER_PAGE = 10


def order_page(*, user: User, params: QueryDict, states: Sequence[str] = ()) -> ListPage:
    """One page of `OrderView`: the person's orders that read as ``states`` (empty: all), newest first."""
    rows = orders_of(user)
    if states:
        rows = with_standing(rows).filter(standing__in=states)
    page = newest_page(rows, params, size=ORDERS_PER_PAGE)
    return page._replace(items=order_views(page.items, pictures=True))


def last_payment(order: Order) -> Payment | None:
    """Return the order's newest payment, in whatever state."""
    return Payment.objects.filter(reference=order.number).order_by("-pk").first()


def returned_late(order: Order) -> list[Payment]:
    """Return payments that came for the order too late or twice, and go back by themselves.

    ``is_back``: the gateway has said that the money was returned.
    """
    back = Refund.objects.filter(
        payment=OuterRef("pk"),
        reason=Refund.Reason.LATE_PAYMENT,
        state=Refund.State.SUCCEEDED,
    )
    paid = Payment.objects.filter(reference=order.number, state=Payment.State.SUCCEEDED)
    return list(paid.filter(components__isnull=True).annotate(is_back=Exists(back)))


class RefundOfOrder(NamedTuple):
    """A refund with the vouchers that it is for, each once (terms joined)."""

    refund: Refund
    vouchers: list[Voucher]

    @property
    def is_back(self) -> bool:
        """Whether pages say that the money is back."""
        return all(money_is_back(self.refund, voucher) for voucher in self.vouchers)

    @property
    def title(self) -> str:
        """What it is for: the titles, each once."""
        return ", ".join(dict.fromkeys(voucher.title for voucher in self.vouchers))


def refunds_of_order(view: OrderView) -> list[RefundOfOrder]:
    """Return the refunds of the order's vouchers, oldest first.

    One query, none where there are no refunds.
    """
    if not view.refunded_fen:
        return []
    parts = RefundPart.objects.filter(voucher__in=view.voucher_ids)
    found: dict[int, RefundOfOrder] = {}
    for part in parts.select_related("refund", "voucher__terms").order_by("refund_id", "id"):
        row = found.setdefault(part.refund_id, RefundOfOrder(part.refund, []))
        if part.voucher not in row.vouchers:
            row.vouchers.append(part.voucher)
    return list(found.values())


def spent_by_payment(payment_ids: Iterable[int]) -> dict[int, int]:
    """Payment id → Σ fen that it brought in for vouchers and fees; for the reconciliation."""
    ids = list(payment_ids)
    fees = OrderLine.objects.filter(
        kind=OrderLine.Kind.FEE, order__payment__in=ids, order__state=Order.State.PAID
    ).exclude(order__payment__purpose=Payment.Purpose.DEPOSIT)
    sums = Counter(prices_by_payment(ids))
    sums.update(dict(fees.order_by().values_list("order__payment").annotate(Sum("payable_fen"))))
    return dict(sums)
