"""Stock, quota and per-person limits: what gets scarce (docs/locking.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import BigIntegerField, F, Q
from django.db.models.functions import Cast, Greatest, Least
from django.utils import timezone

from catalog.errors import OfferNotRunning, PersonLimitReached, QuotaGone, SoldOut
from catalog.models import Offer, OfferPurchase, Stock, Variant
from kernel.bounds import MAX_COUNT, field_problems
from kernel.clock import now
from kernel.db.prepared import Prepared
from kernel.errors import InvalidInput, NotFound
from kernel.outbox.services import publish
from kernel.watch.services import report_incident

LOW_STOCK = 5
"""From so many pieces of a choice downward its business is told that it runs low."""


class Wanted(NamedTuple):
    """So many pieces of a variant at an offer's price."""

    offer_id: int
    variant_id: int
    quantity: int


def check_stock(available: int | None) -> None:
    """Raise InvalidInput for a number of pieces that cannot be kept; None means no limit."""
    if problems := field_problems(Stock(available=available)):
        raise InvalidInput(fields=problems)


@transaction.atomic
def set_stock(*, variant_id: int, available: int | None) -> None:
    """Say how many pieces can still be sold; None lifts the limit. Raises InvalidInput, NotFound.

    A variant without a row, which has no pieces, gets one.
    """
    check_stock(available)
    if not Variant.objects.filter(pk=variant_id).exists():
        raise NotFound
    Stock.objects.bulk_create([Stock(variant_id=variant_id, available=0)], ignore_conflicts=True)
    rows = Stock.objects.filter(variant_id=variant_id)
    before = rows.select_for_update(no_key=True).values_list("available", flat=True).get()
    rows.update(available=available)
    if (before == 0) != (available == 0):
        _announce_turn(variant_id)


def take_stock(
    *, buyer_id: int, wanted: Sequence[Wanted], offers: Mapping[int, Offer] | None = None
) -> None:
    """Take the pieces for an order, all or nothing; must be called inside its transaction.

    Locks by conditional UPDATE, in this order: stock rows by variant, offer rows by id, the
    buyer's offer purchases by offer. Rows without a limit are only read, so that a product
    with plenty is no bottleneck. ``offers`` are those that the caller has just read; without
    them they are read here. One statement per limited variant. Raises SoldOut, QuotaGone,
    PersonLimitReached (each names the offer or variant and how many are left) or
    OfferNotRunning for an unknown offer; the caller's transaction must then roll back what was
    taken before.
    """
    _take_pieces(_sum(wanted, "variant_id"))
    per_offer = _sum(wanted, "offer_id")
    if offers is None:
        offers = Offer.objects.in_bulk(per_offer)
    for offer_id, quantity in per_offer.items():
        offer = offers.get(offer_id)
        if offer is None:
            raise OfferNotRunning(offer=offer_id)
        if offer.quota is not None:
            _take_quota(offer, quantity)
    for offer_id, quantity in per_offer.items():
        limit = offers[offer_id].per_person_limit
        if limit is not None:
            _take_share(buyer_id, offer_id, quantity, limit)


def require_left(
    *, buyer_id: int | None, wanted: Sequence[Wanted], offers: Mapping[int, Offer]
) -> None:
    """Raise what `take_stock` would raise now, and take nothing: a look that promises nothing.

    ``buyer_id`` is None for somebody who has bought nothing yet. One statement, one more when
    an offer has a limit per person.
    """
    per_variant, per_offer = _sum(wanted, "variant_id"), _sum(wanted, "offer_id")
    stock = dict(Stock.objects.filter(pk__in=per_variant).values_list("pk", "available"))
    for variant_id, quantity in per_variant.items():
        available = stock.get(variant_id, 0)
        if available is not None and available < quantity:
            raise SoldOut(variant=variant_id, available=available)
    for offer_id, quantity in per_offer.items():
        remaining = offers[offer_id].remaining
        if remaining is not None and remaining < quantity:
            raise QuotaGone(offer=offer_id, remaining=remaining)
    limited = [pk for pk in per_offer if offers[pk].per_person_limit is not None]
    held = _held(buyer_id, limited)
    for offer_id in limited:
        limit = offers[offer_id].per_person_limit or 0
        if held.get(offer_id, 0) + per_offer[offer_id] > limit:
            raise PersonLimitReached(offer=offer_id, limit=limit, held=held.get(offer_id, 0))


def held_by(*, buyer_id: int | None, offer: Offer) -> int:
    """How many pieces of an offer somebody holds of the number that one person may buy."""
    limited = [offer.pk] if offer.per_person_limit is not None else []
    return _held(buyer_id, limited).get(offer.pk, 0)


def _held(buyer_id: int | None, offer_ids: Sequence[int]) -> dict[int, int]:
    if buyer_id is None or not offer_ids:
        return {}
    rows = OfferPurchase.objects.filter(buyer_id=buyer_id, offer_id__in=offer_ids)
    return dict(rows.values_list("offer_id", "quantity"))


def give_back_stock(*, buyer_id: int, returned: Sequence[Wanted]) -> None:
    """Give pieces back after a cancelled, timed out or refunded order; same order of locks.

    Never fails on account of a count: money goes back whatever a merchant typed. What has
    no limit now is left alone; counts never fall below zero, and stop at the largest number
    that the column holds, which the operator is told.
    """
    for variant_id, quantity in _sum(returned, "variant_id").items():
        _give_back_pieces(variant_id, quantity)
    per_offer = _sum(returned, "offer_id")
    for offer_id, quantity in per_offer.items():
        Offer.objects.filter(pk=offer_id, quota__isnull=False).update(
            quota_sold=Greatest(_wide("quota_sold") - quantity, 0)
        )
    for offer_id, quantity in per_offer.items():
        OfferPurchase.objects.filter(offer_id=offer_id, buyer_id=buyer_id).update(
            quantity=Greatest(_wide("quantity") - quantity, 0)
        )


def _give_back_pieces(variant_id: int, quantity: int) -> None:
    rows = Stock.objects.filter(variant_id=variant_id, available__isnull=False)
    rows.update(available=Least(_wide("available") + quantity, MAX_COUNT))
    left = rows.values_list("available", flat=True).first()
    if left == quantity:  # there were none
        _announce_turn(variant_id)
    if left == MAX_COUNT:
        report_incident(
            kind="catalog.stock",
            subject=f"variant:{variant_id}",
            error="pieces were given back, and the stock stands at the largest number there is",
        )


def _announce_taken(variant_id: int, *, left: int, before: int) -> None:
    """Publish what follows from a count that fell: sold out, or low for the first time."""
    if left == 0:
        _announce_turn(variant_id)
    if left == 0 or left <= LOW_STOCK < before:
        day = timezone.localdate(now()).isoformat()
        publish("stock.low", variant_id=variant_id, left=left, day=day)


def _announce_turn(variant_id: int) -> None:
    """Publish ``stock.turned``: a choice was sold out, or came back, and a worker follows.

    The product's row is not written here: everybody who buys would wait for it.
    """
    publish("stock.turned", variant_id=variant_id)


def _wide(column: str) -> Cast:
    """The column as a bigint: a sum that an integer cannot hold must not raise."""
    return Cast(column, BigIntegerField())


def _sum(lines: Sequence[Wanted], key: str) -> dict[int, int]:
    """Total quantity per variant or offer, ascending: everybody locks in the same order."""
    total: Counter[int] = Counter()
    for line in lines:
        if line.quantity < 1:
            raise ValueError(f"quantity must be positive: {line}")
        total[getattr(line, key)] += line.quantity
    return dict(sorted(total.items()))


_STOCK = Prepared(lambda variant_id: Stock.objects.filter(pk=variant_id), int)


def _take_pieces(per_variant: dict[int, int]) -> None:
    for variant_id, quantity in per_variant.items():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE catalog_stock SET available = available - %s"
                " WHERE variant_id = %s AND available >= %s RETURNING available",
                [quantity, variant_id, quantity],
            )
            taken = cursor.fetchone()
        if taken:
            _announce_taken(variant_id, left=taken[0], before=taken[0] + quantity)
            continue
        stock = _STOCK.first(variant_id)
        if stock is None or stock.available is not None:  # None: no limit, nothing to take
            raise SoldOut(variant=variant_id, available=stock.available if stock else 0)


def _take_quota(offer: Offer, quantity: int) -> None:
    taken = Offer.objects.filter(
        Q(quota__isnull=True) | Q(quota__gte=F("quota_sold") + quantity), pk=offer.pk
    ).update(quota_sold=F("quota_sold") + quantity)
    if not taken:
        offer.refresh_from_db(fields=["quota", "quota_sold"])
        raise QuotaGone(offer=offer.pk, remaining=offer.remaining)


def _take_share(buyer_id: int, offer_id: int, quantity: int, limit: int) -> None:
    OfferPurchase.objects.bulk_create(
        [OfferPurchase(offer_id=offer_id, buyer_id=buyer_id)], ignore_conflicts=True
    )
    held = OfferPurchase.objects.filter(offer_id=offer_id, buyer_id=buyer_id)
    if not held.filter(quantity__lte=limit - quantity).update(quantity=F("quantity") + quantity):
        had = held.values_list("quantity", flat=True).first() or 0
        raise PersonLimitReached(offer=offer_id, limit=limit, held=had)
