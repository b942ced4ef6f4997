"""Issue vouchers for what was paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from kernel.bounds import DEFAULT_ZONE, read_zone
from kernel.clock import end_of_day, now
from kernel.ids import new_voucher_code
from payments.models import BOOKS
from payments.services.ledger import merchant_party
from stores.models import Store
from vouchers.kinds import kind_of_product
from vouchers.models import Component, Voucher, VoucherComponent, VoucherTerms
from vouchers.services.split import Discount, Share, Tender, VoucherMoney, split_line
from vouchers.terms import Terms, read_terms, terms_of


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
    tenders: Sequence[Tender]
    discounts: Sequence[Discount] = ()
    commission_fixed_fen: int = 0
    referrer_id: int | None = None
    referral_fen: int = 0
    """For one piece, whatever is used of it."""


class Time(NamedTuple):
    """From when until when, and in which zone the days are told."""

    start: dt.datetime
    end: dt.datetime
    zone: str


def issue_vouchers(
    *,
    buyer_id: int,
    order_number: str,
    lines: Sequence[IssueLine],
    held_until: dt.datetime | None = None,
) -> list[Voucher]:
    """Issue the vouchers of a paid order and return them, saved, with their components.

    Must be called in the transaction that marks the order as paid and posts what its payment
    brings in (docs/money.md). Goods become one pickup voucher per line with as many uses as
    pieces; anything else one voucher per piece. A line's tenders and discounts are split over
    its vouchers by `split_line`. Valid from ``usable_after_hours`` after purchase until the end
    of the day ``validity_days`` after it, in the stores' time; a voucher whose balance is not
    paid yet is held until then, at most until ``held_until``. Locks nothing; four statements,
    and one more per line that names its stores when the merchant has stores in several time zones.
    """
    moment = now()
    zones = _zones_by_merchant({line.merchant_id for line in lines})
    codes = iter(new_codes(sum(len(_shapes(line)) for line in lines)))
    vouchers, money = [], []
    for line in lines:
        terms = read_terms(line.terms.body, subject=f"terms:{line.terms.pk}")
        time = _time(line.merchant_id, terms, line.validity_days, zones, moment)
        for (units, uses), part in zip(_shapes(line), _money(line), strict=True):
            voucher = _voucher(line, units, uses, part, time)
            voucher.code, voucher.owner_id = next(codes), buyer_id
            voucher.order_number, voucher.created_at = order_number, moment
            if part.received_fen < part.paid_fen:
                voucher.state = Voucher.State.HELD
                voucher.held_for = Voucher.Wait.BALANCE
                voucher.valid_until = held_until or voucher.valid_until
            vouchers.append(voucher)
            money.append(part)
    Voucher.objects.bulk_create(vouchers)
    _write_components(vouchers, money)
    return vouchers


def _voucher(line: IssueLine, units: int, uses: int, money: VoucherMoney, time: Time) -> Voucher:
    return Voucher(
        kind=kind_of_product(line.product_kind).code,
        merchant_id=line.merchant_id,
        product_id=line.product_id,
        variant_id=line.variant_id,
        offer_ref=line.offer_id,
        units=units,
        terms=line.terms,
        order_line_ref=line.order_line_id,
        paid_fen=money.paid_fen,
        value_fen=money.value_fen,
        received_fen=money.received_fen,
        commission_rate=line.commission_rate,
        commission_fixed_fen=line.commission_fixed_fen,
        referrer_id=line.referrer_id,
        referral_fen=line.referral_fen * units if line.referrer_id else 0,
        uses_total=uses,
        valid_from=time.start,
        valid_until=time.end,
        time_zone=time.zone,
    )


def _money(line: IssueLine) -> list[VoucherMoney]:
    return split_line(
        gross_fen=[units * line.unit_price_fen for units, _uses in _shapes(line)],
        tenders=line.tenders,
        discounts=line.discounts,
        own=merchant_party(line.merchant_id),
    )


def _write_components(vouchers: Sequence[Voucher], money: Sequence[VoucherMoney]) -> None:
    """Insert the components, and leave them on the vouchers as ``with_components`` would have."""
    written: list[VoucherComponent] = []
    for voucher, part in zip(vouchers, money, strict=True):
        own = [_component(voucher, position, share) for position, share in enumerate(part.shares)]
        written += own
        voucher.component_rows = own
    VoucherComponent.objects.bulk_create(written)
    for voucher in vouchers:
        rows = [
            [getattr(row, name) for name in Component._fields] for row in voucher.component_rows
        ]
        voucher.component_rows = rows


def _component(voucher: Voucher, position: int, share: Share) -> VoucherComponent:
    payer, amount_fen = share
    if isinstance(payer, Tender):
        return VoucherComponent(
            voucher=voucher,
            position=position,
            kind=VoucherComponent.Kind.TENDER,
            purpose=payer.purpose,
            payment_id=payer.payment_id,
            custodian=payer.custodian,
            amount_fen=amount_fen,
        )
    return VoucherComponent(
        voucher=voucher,
        position=position,
        kind=VoucherComponent.Kind.FUNDER,
        custodian=BOOKS,
        party=payer.funder,
        amount_fen=amount_fen,
        in_base=payer.in_base,
    )


def _shapes(line: IssueLine) -> list[tuple[int, int]]:
    """(pieces of stock, uses) of each voucher of a line."""
    kind = kind_of_product(line.product_kind)
    return [(shape.units, shape.uses) for shape in kind.shapes(line.quantity, line.uses)]


def new_codes(count: int) -> list[str]:
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


def time_of(voucher: Voucher, moment: dt.datetime) -> Time:
    """From when until when a voucher can be used that becomes usable at ``moment``."""
    terms = terms_of(voucher)
    zones = _zones_by_merchant({voucher.merchant_id})
    return _time(voucher.merchant_id, terms, terms.validity_days, zones, moment)


def _time(
    merchant_id: int, terms: Terms, days: int, zones: dict[int, set[str]], moment: dt.datetime
) -> Time:
    """The validity of a line's vouchers, and the zone whose day ends it.

    Stores in several zones end the same calendar day one after the other; the customer gets
    the last of them.
    """
    names: Iterable[str] = zones.get(merchant_id, set())
    store_ids = terms.store_ids
    if store_ids and len(zones.get(merchant_id, ())) > 1:
        names = Store.objects.filter(pk__in=store_ids).values_list("time_zone", flat=True)
    end, zone = max(
        (_end_of_day(moment, zone, days), zone) for zone in set(names) or {DEFAULT_ZONE}
    )
    return Time(moment + dt.timedelta(hours=terms.usable_after_hours), end, zone)


def _end_of_day(moment: dt.datetime, zone: str, days: int) -> dt.datetime:
    day = moment.astimezone(read_zone(zone)).date() + dt.timedelta(days=days)
    return end_of_day(day, read_zone(zone))
