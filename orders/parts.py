"""An order in parts, as they reach the buyer: what each store hands over, and how far it is.

What vouchers carry is read off their uses, for orders of every age; only the store that was
promised is stored (orders.models.Fulfilment).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Product
from orders.models import Fulfilment, Order
from stores.models import Store
from vouchers.handover import word_handover
from vouchers.models import Voucher
from vouchers.units import PIECES, USES, Unit

PLACE = ("fulfilment__store__city",)
"""What the lines of an order are joined with, so that a part has its store."""
PICKUP, REDEEM = Fulfilment.Method.PICKUP, Fulfilment.Method.REDEEM


class PartState(models.TextChoices):
    """How far a part is."""

    UNPAID = "unpaid", gettext_lazy("waiting for payment")
    WAITING = "waiting", gettext_lazy("waiting for you")
    STARTED = "started", gettext_lazy("partly done")
    DONE = "done", gettext_lazy("all done")
    REFUNDED = "refunded", gettext_lazy("money back")
    EXPIRED = "expired", gettext_lazy("expired")
    CANCELLED = "cancelled", gettext_lazy("cancelled")

    @property
    def is_open(self) -> bool:
        """Whether something of it is still to be handed over."""
        return self in (PartState.UNPAID, PartState.WAITING, PartState.STARTED)


class VoucherOfOrder(NamedTuple):
    """What an order asks of each of its vouchers."""

    pk: int
    is_usable: bool
    is_sent_back: bool
    kind: str
    state: str
    order_line_ref: int | None
    uses_total: int
    uses_used: int
    returned_uses: int
    refunded_uses: int


class Part(NamedTuple):
    """What one store hands over, or (``store`` None) what is used wherever its vouchers say.

    ``pieces`` are the uses of its vouchers, or the pieces ordered while there are none; ``done`` of
    them were used or collected, ``returned`` of these taken back after sales; ``refunded`` were never
    used, and their money went back.
    """

    method: str
    merchant_id: int
    store: Store | None
    ready_from: dt.datetime | None
    state: PartState
    pieces: int
    done: int
    lines: list[Any]
    voucher_ids: list[int]
    returned: int
    refunded: int
    unit: Unit

    @property
    def offer_ids(self) -> list[int]:
        return [line.offer_id for line in self.lines]


def parts_of(order: Order, items: Sequence[Any], vouchers: Sequence[VoucherOfOrder]) -> list[Part]:
    """The parts of an order, in the order of their first lines.

    ``items`` are its lines with product and `PLACE` joined. No query then.
    """
    groups: dict[tuple[int, int, str], list[Any]] = {}
    for line in items:
        method = PICKUP if line.product.kind == Product.Kind.GOODS else REDEEM
        key = line.merchant_id, line.fulfilment_id or 0, method.value
        groups.setdefault(key, []).append(line)
    return [
        _part(order, method, lines, _of(lines, vouchers))
        for (_merchant, _place, method), lines in groups.items()
    ]


def _of(lines: Sequence[Any], vouchers: Sequence[VoucherOfOrder]) -> list[VoucherOfOrder]:
    ids = {line.pk for line in lines}
    return [voucher for voucher in vouchers if voucher.order_line_ref in ids]


def _part(order: Order, method: str, lines: list[Any], vouchers: list[VoucherOfOrder]) -> Part:
    place = lines[0].fulfilment
    done = sum(voucher.uses_used for voucher in vouchers)
    return Part(
        place.method if place else method,
        lines[0].merchant_id,
        place.store if place else None,
        place.promised_at if place else None,
        _state(order, vouchers, done),
        sum(voucher.uses_total for voucher in vouchers) or sum(line.quantity for line in lines),
        done,
        lines,
        [voucher.pk for voucher in vouchers],
        sum(voucher.returned_uses for voucher in vouchers),
        sum(voucher.refunded_uses for voucher in vouchers),
        PIECES if method == PICKUP else USES,
    )


def _state(order: Order, vouchers: Sequence[VoucherOfOrder], done: int) -> PartState:
    if vouchers and all(voucher.is_sent_back for voucher in vouchers):
        return PartState.REFUNDED
    if order.state in (Order.State.CANCELLED, Order.State.TIMED_OUT):
        return PartState.CANCELLED
    if any(voucher.is_usable for voucher in vouchers):
        return PartState.STARTED if done else PartState.WAITING
    if not vouchers or any(voucher.state == Voucher.State.HELD for voucher in vouchers):
        return PartState.UNPAID
    return PartState.DONE if done else PartState.EXPIRED


def word_part(part: Part) -> str:
    """How far a part is, as people read it; what is collected or used, as its vouchers say it."""
    words = {
        PartState.UNPAID: _("Waiting for payment"),
        PartState.REFUNDED: _("Refunded"),
        PartState.EXPIRED: _("Expired"),
        PartState.CANCELLED: _("Cancelled"),
    }
    if part.state in words and not part.returned:
        return words[part.state]
    pickup, rest = part.method == PICKUP, part.pieces - part.done
    ended = part.state == PartState.DONE
    said = [
        word_handover(pickup=pickup, done=part.done, pieces=part.done if ended else part.pieces)
    ]
    if part.state == PartState.REFUNDED:  # all that was used was taken back
        said = []
    if part.returned:
        said.append(_count(part.unit.taken_back, part.returned))
    if part.refunded:
        said.append(_count(part.unit.money_back, part.refunded))
    if ended and rest > part.refunded:
        said.append(_count(part.unit.unused, rest - part.refunded))
    return " · ".join(said)


def _count(words: Any, count: int) -> str:
    return str(words % {"count": count})
