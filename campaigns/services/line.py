"""The waiting line of a sale: order of arrival, one place a person, and pieces for who was let in.

Everything is decided by the database: a place is a row with its number, and who is let in is an
UPDATE under the sale's lock. Nothing of it is kept in Redis, so nothing is lost with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from campaigns.errors import NotLetIn, SaleNotOpen
from campaigns.models import Place, Sale, SaleItem
from kernel.clock import now
from kernel.errors import NotFound
from stores.models import Merchant

TURN = dt.timedelta(minutes=5)
"""How long somebody who was let in has to order."""
AT_ONCE = 50
"""How many are in at most, so that the cashier is no second line."""


class Standing(NamedTuple):
    """Where a person stands in a line.

    ``ahead`` are those before them; ``until`` the end of their turn while they are in; ``at_latest``
    when they are let in if everybody before takes all of their time. ``sold_out``: nothing is left
    for who waits; it comes back where somebody who is in does not buy.
    """

    place: Place
    is_in: bool
    ahead: int
    until: dt.datetime | None
    at_latest: dt.datetime | None
    sold_out: bool

    @property
    def is_gone(self) -> bool:
        """They have ordered, or their turn is over: they may take a new place, at the end."""
        return not self.is_in and (self.place.gone or self.place.until is not None)


def take_place(*, sale_id: int, person: Any) -> Standing:
    """Take a place at the end of the line of an open sale; a second time it is the same place.

    Whose turn is over, with an order or without, stands at the end again. One INSERT decides the order
    of arrival. Raises NotFound, SaleNotOpen.
    """
    sale = _open_sale(sale_id)
    moment = now()
    with transaction.atomic():
        over = Q(gone=True) | Q(until__lte=moment)
        Place.objects.filter(over, sale=sale, person=person).delete()
        Place.objects.bulk_create(
            [Place(sale=sale, person=person, came_at=moment)], ignore_conflicts=True
        )
    return standing_of(sale_id=sale_id, person=person)


def leave_line(*, sale_id: int, person: Any) -> None:
    """Give the place up; who comes back stands at the end. Safe to call twice."""
    Place.objects.filter(sale=sale_id, person=person).delete()


def standing_of(*, sale_id: int, person: Any) -> Standing:
    """Where the person stands, after letting in whoever can be. Raises NotFound without a place."""
    sale = _seen(sale_id)
    let_in(sale_id=sale_id)
    place = Place.objects.filter(sale=sale, person=person).first()
    if place is None:
        raise NotFound
    moment = now()
    is_in = not place.gone and place.until is not None and place.until > moment
    waits = not place.gone and place.until is None
    ahead = _waiting(sale_id).filter(pk__lt=place.pk).count() if waits else 0
    at_latest = moment + TURN * (1 + ahead // AT_ONCE) if waits else None
    return Standing(
        place,
        is_in,
        ahead,
        place.until if is_in else None,
        at_latest,
        waits and _left(sale_id) == 0,
    )


def let_in(*, sale_id: int) -> int:
    """Let in those who came first, as many as there are pieces for and room; return how many.

    Called by everybody who asks where they stand: one of them does it, under the lock of the sale,
    and the others pass by (SKIP LOCKED). Those who are in are never more than the pieces left, each
    counted with all that one person may buy, so what they were promised is there.
    """
    moment = now()
    with transaction.atomic():
        rows = Sale.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        sale = rows.filter(pk=sale_id, has_line=True).first()
        if sale is None or not sale.is_open(moment):
            return 0
        inside = Place.objects.filter(sale=sale_id, gone=False, until__gt=moment).count()
        room = min(AT_ONCE, _turns(sale_id)) - inside
        if room <= 0:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE campaigns_place SET until = %s WHERE id IN (SELECT id FROM campaigns_place"
                " WHERE sale_id = %s AND until IS NULL AND NOT gone ORDER BY id LIMIT %s)",
                [min(moment + TURN, sale.ends_at), sale_id, room],
            )
            return int(cursor.rowcount)


def use_turns(*, buyer_id: int, offer_ids: Collection[int]) -> None:
    """The buyer orders at these offers of sales with a line: their turns are over, others are let in.

    Called in the transaction of the order, before stock and quota are taken: what is refused later
    gives the turn back. Locks the places; of two orders in one turn the second is refused. Raises
    NotLetIn unless the buyer is in at the sale of each.
    """
    sales = set(SaleItem.objects.filter(offer__in=offer_ids).values_list("sale_id", flat=True))
    rows = Place.objects.filter(sale__in=sales, person=buyer_id, gone=False, until__gt=now())
    held = rows.select_for_update(no_key=True).order_by("pk")
    if missing := sales - {row.sale_id for row in held}:
        raise NotLetIn(sale=min(missing))
    Place.objects.filter(sale__in=sales, person=buyer_id).update(gone=True)


def _waiting(sale_id: int) -> Any:
    return Place.objects.filter(sale=sale_id, until__isnull=True, gone=False)


def _left(sale_id: int) -> int | None:
    """The pieces that are left at these prices, None where one has no limit."""
    items = SaleItem.objects.filter(sale=sale_id, offer__active=True)
    if items.filter(offer__quota__isnull=True).exists():
        return None
    left = items.aggregate(left=Coalesce(Sum(F("offer__quota") - F("offer__quota_sold")), 0))[
        "left"
    ]
    return int(left)


def _turns(sale_id: int) -> int:
    """For how many persons there are pieces: of what is left, the item with the fewest decides.

    Each may buy as much as one person may; the last pieces are for one more.
    """
    items = SaleItem.objects.filter(sale=sale_id, offer__active=True)
    columns = ("offer__quota", "offer__quota_sold", "variant__stock__available", "per_person_limit")
    turns = []
    for quota, sold, stock, most in items.values_list(*columns):
        limits = [] if quota is None else [quota - sold]
        left = min([*limits, *([] if stock is None else [stock])], default=None)
        if left is None:
            turns.append(AT_ONCE)
        elif left > 0:
            turns.append(max(left // (most or 1), 1))
    return min(turns, default=0)


def _seen(sale_id: int) -> Sale:
    """A sale with a line that guests may see; raises NotFound."""
    rows = Sale.objects.filter(pk=sale_id, has_line=True, merchant__state=Merchant.State.APPROVED)
    sale = rows.exclude(state=Sale.State.DRAFT).first()
    if sale is None:
        raise NotFound
    return sale


def _open_sale(sale_id: int) -> Sale:
    sale = _seen(sale_id)
    if not sale.is_open(now()):
        raise SaleNotOpen(state=sale.state, begins_at=sale.begins_at.isoformat())
    return sale
