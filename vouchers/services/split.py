"""How the money of an order's line lies on its vouchers: decided once, by largest remainder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kernel.money import spread


class Tender(NamedTuple):
    """What the buyer pays of a line: ``payment_id`` is None until the money has arrived."""

    purpose: str
    amount_fen: int
    payment_id: int | None = None
    custodian: str = ""


class Discount(NamedTuple):
    """A part of a line's discount: who funds it, and whether commission is taken on it."""

    funder: str
    amount_fen: int
    in_base: bool = True


class Share(NamedTuple):
    """What one payer gives for one voucher: the tender's or the discount's part."""

    payer: Tender | Discount
    amount_fen: int


class VoucherMoney(NamedTuple):
    """One voucher's money: tenders first, in the order they were planned, then the funders.

    The merchant's own discount is in none of them: nobody pays it.
    """

    shares: list[Share]

    @property
    def paid_fen(self) -> int:
        """What the buyer pays: all tenders."""
        return sum(share.amount_fen for share in self.shares if isinstance(share.payer, Tender))

    @property
    def value_fen(self) -> int:
        """What the merchant is owed: all payers together."""
        return sum(share.amount_fen for share in self.shares)

    @property
    def received_fen(self) -> int:
        """What has arrived."""
        return sum(
            share.amount_fen
            for share in self.shares
            if isinstance(share.payer, Tender) and share.payer.payment_id
        )


def split_line(
    *,
    gross_fen: Sequence[int],
    tenders: Sequence[Tender],
    discounts: Sequence[Discount] = (),
    own: str = "",
) -> list[VoucherMoney]:
    """Split a line over its vouchers, whose prices before discounts are ``gross_fen`` each.

    Discounts go first, in their order, then the tenders; each is spread by what the vouchers
    still cost, so that none gets more than its price. ``own`` is the party that sells: what it
    funds lowers the price and is no share. Raises ValueError when tenders and discounts are
    not the price. Pure; amounts in fen.
    """
    parts = [tender.amount_fen for tender in tenders] + [row.amount_fen for row in discounts]
    if sum(parts) != sum(gross_fen):
        raise ValueError(f"{parts} do not make {sum(gross_fen)} fen")
    left = list(gross_fen)
    funded = [_take(left, discount) for discount in discounts]
    paid = [_take(left, tender) for tender in tenders]
    kept: list[tuple[Tender | Discount, list[int]]] = [
        *((tender, row) for tender, row in zip(tenders, paid, strict=True)),
        *((row, given) for row, given in zip(discounts, funded, strict=True) if row.funder != own),
    ]
    return [
        VoucherMoney([Share(payer, row[at]) for payer, row in kept if row[at]])
        for at in range(len(left))
    ]


def _take(left: list[int], payer: Tender | Discount) -> list[int]:
    """Spread a payer's amount by what is ``left`` to pay of each voucher, and lower it."""
    parts = spread(payer.amount_fen, left)
    for at, part in enumerate(parts):
        left[at] -= part
    return parts
