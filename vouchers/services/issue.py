"""Issue vouchers for what was paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from catalog.models import Product
from kernel.bounds import DEFAULT_ZONE, read_zone
from kernel.clock import end_of_day, now
from kernel.ids import new_voucher_code
from payments.models import Payment
from stores.models import Store
from vouchers.models import Voucher, VoucherTerms
from vouchers.terms import Terms, read_terms

KINDS = {
    Product.Kind.TIMES_CARD: Voucher.Kind.TIMES_CARD,
    Product.Kind.GOODS: Voucher.Kind.PICKUP,
}


class IssueLine(NamedTuple):
    """One paid line of an order, as it was frozen at checkout."""

    order_line_id: int
    merchant_id: int
    product_id: int
    product_kind: str
    variant_id: int
    offer_id: int
    terms: VoucherTerms
    quantity: int
    unit_price_fen: int
    commission_rate: Decimal
    validity_days: int
    uses: int


def issue_vouchers(
    *, buyer_id: int, order_number: str, payment: Payment, lines: Sequence[IssueLine]
) -> list[Voucher]:
    """Issue the vouchers of a paid order and return them, saved.

    Must be called in the transaction that marks ``payment`` as succeeded and posts its
    escrow entries, one per voucher returned (docs/money.md). Goods become one pickup
    voucher per line with as many uses as pieces; anything else one voucher per piece. Valid
    from ``usable_after_hours`` after purchase until the end of the day ``validity_days``
    after it, in the stores' time. Locks nothing; three statements, and one more per line
    that names its stores when the merchant has stores in several time zones.
    """
    moment = now()
    zones = _zones_by_merchant({line.merchant_id for line in lines})
    shapes = [shape for line in lines for shape in _shapes(line)]
    codes = iter(_new_codes(len(shapes)))
    terms = {
        line.order_line_id: read_terms(line.terms.body, subject=f"terms:{line.terms.pk}")
        for line in lines
    }
    ends = {
        line.order_line_id: _validity(line, terms[line.order_line_id], zones, moment)
        for line in lines
    }
    return Voucher.objects.bulk_create(
        Voucher(
            code=next(codes),
            kind=KINDS.get(line.product_kind, Voucher.Kind.SINGLE),
            owner_id=buyer_id,
            merchant_id=line.merchant_id,
            product_id=line.product_id,
            variant_id=line.variant_id,
            offer_ref=line.offer_id,
            units=units,
            terms=line.terms,
            payment=payment,
            order_number=order_number,
            order_line_ref=line.order_line_id,
            price_fen=units * line.unit_price_fen,
            commission_rate=line.commission_rate,
            uses_total=uses,
            valid_from=moment + dt.timedelta(hours=terms[line.order_line_id].usable_after_hours),
            valid_until=ends[line.order_line_id][0],
            time_zone=ends[line.order_line_id][1],
            created_at=moment,
        )
        for line, units, uses in shapes
    )


def _shapes(line: IssueLine) -> list[tuple[IssueLine, int, int]]:
    """(line, pieces of stock, uses) of each voucher of a line."""
    if line.product_kind == Product.Kind.GOODS:
        return [(line, line.quantity, line.quantity)]
    return [(line, 1, line.uses)] * line.quantity


def _new_codes(count: int) -> list[str]:
    """Fresh codes: none used before, none twice among themselves. One query as a rule."""
    codes: set[str] = set()
    while len(codes) < count:
        wanted = {new_voucher_code() for _number in range(count - len(codes))} - codes
        taken = Voucher.objects.filter(code__in=wanted).values_list("code", flat=True)
        codes |= wanted - set(taken)
    return list(codes)


def _zones_by_merchant(merchant_ids: set[int]) -> dict[int, set[str]]:
    zones: dict[int, set[str]] = {}
    rows = (
        Store.objects.filter(merchant_id__in=merchant_ids)
        .order_by()
        .values_list("merchant_id", "time_zone")
        .distinct()
    )
    for merchant_id, zone in rows:
        zones.setdefault(merchant_id, set()).add(zone)
    return zones


def _validity(
    line: IssueLine, terms: Terms, zones: dict[int, set[str]], moment: dt.datetime
) -> tuple[dt.datetime, str]:
    """The last moment of a line's vouchers and the zone whose day it ends.

    Stores in several zones end the same calendar day one after the other; the customer gets
    the last of them.
    """
    names: Iterable[str] = zones.get(line.merchant_id, set())
    store_ids = terms.store_ids
    if store_ids and len(zones.get(line.merchant_id, ())) > 1:
        names = Store.objects.filter(pk__in=store_ids).values_list("time_zone", flat=True)
    return max(
        (_end_of_day(moment, zone, line.validity_days), zone)
        for zone in set(names) or {DEFAULT_ZONE}
    )


def _end_of_day(moment: dt.datetime, zone: str, days: int) -> dt.datetime:
    day = moment.astimezone(read_zone(zone)).date() + dt.timedelta(days=days)
    return end_of_day(day, read_zone(zone))
