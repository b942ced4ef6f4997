"""Issue vouchers for what was paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from kernel.clock import now
from kernel.db.prepared import insert_rows
from kernel.ids import new_voucher_code
from payments.models import BOOKS
from payments.parties import merchant_key
from vouchers.kinds import kind_of_product
from vouchers.models import Component, Voucher, VoucherComponent, VoucherTerms
from vouchers.services.split import Discount, Share, Tender, VoucherMoney, split_line
from vouchers.services.validity import Time, validity, zones_by_merchant
from vouchers.terms import read_terms


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
    paid yet is held until then, at most until ``held_until``. Locks nothing; three statements,
    and one more per line that names its stores when the merchant has stores in several time zones.
    """
    moment = now()
    zones = zones_by_merchant({line.merchant_id for line in lines})
    vouchers, money = [], []
    for line in lines:
        terms = read_terms(line.terms.body, subject=f"terms:{line.terms.pk}")
        time = validity(line.merchant_id, terms, line.validity_days, zones, moment)
        for (units, uses), part in zip(_shapes(line), _money(line), strict=True):
            voucher = _voucher(line, units, uses, part, time)
            voucher.owner_id, voucher.order_number = buyer_id, order_number
            voucher.created_at = moment
            if part.received_fen < part.paid_fen:
                voucher.state = Voucher.State.HELD
                voucher.held_for = Voucher.Wait.BALANCE
                voucher.valid_until = held_until or voucher.valid_until
            vouchers.append(voucher)
            money.append(part)
    insert_with_codes(vouchers)
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
        own=merchant_key(line.merchant_id),
    )


def _write_components(vouchers: Sequence[Voucher], money: Sequence[VoucherMoney]) -> None:
    """Insert the components, and leave them on the vouchers as ``with_components`` would have."""
    written: list[VoucherComponent] = []
    for voucher, part in zip(vouchers, money, strict=True):
        own = [_component(voucher, position, share) for position, share in enumerate(part.shares)]
        written += own
        voucher.component_rows = own
    if written:
        insert_rows(written)
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


def insert_with_codes(vouchers: Sequence[Voucher]) -> None:
    """Insert vouchers, each with a fresh code; one statement as a rule.

    One whose code is taken, also by a voucher that is being written at this moment, gets another.
    """
    left = vouchers
    while left:
        for voucher in left:
            voucher.code = new_voucher_code()
        left = insert_rows(left, unless="code")
