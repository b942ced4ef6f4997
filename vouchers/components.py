"""Figures about a voucher's money: its components, each shared out over the uses by itself.

docs/money.md tells the rules, vouchers/models/component.py holds the rows. Pure figures about
one voucher, in fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Sum

from kernel.money import apply_rate, cumulative_share, share
from payments.services.moves import Fee, Part
from vouchers.models import Component, Redemption, ReturnPart, Voucher, VoucherComponent


def components_of(voucher: Voucher) -> list[Component]:
    """The voucher's components in their order; no query after ``with_components``.

    What was read along with a row that was locked is as old as the statement's beginning. The
    sums on the row are as new as the lock: where they differ, the components are read again.
    """
    rows = getattr(voucher, "component_rows", None) or ()
    found = [Component(*row) for row in rows]
    if not _sums_agree(voucher, found):
        fresh = VoucherComponent.objects.filter(voucher_id=voucher.pk).order_by("position")
        found = [Component(*row) for row in fresh.values_list(*Component._fields)]
        voucher.component_rows = found
    return found


def _sums_agree(voucher: Voucher, found: Sequence[Component]) -> bool:
    return (
        voucher.value_fen == sum(part.amount_fen for part in found)
        and voucher.received_fen == sum(part.amount_fen for part in found if part.is_received)
        and bool(found or not voucher.value_fen)
    )


def missing_of(voucher: Voucher) -> int:
    """What the buyer has still to pay for it."""
    return sum(
        part.amount_fen
        for part in components_of(voucher)
        if part.is_tender and not part.is_received
    )


class Portion(NamedTuple):
    """A part of one component, in fen."""

    component: Component
    amount_fen: int

    @property
    def posted(self) -> Part:
        """As the ledger's rows take it."""
        return Part(self.component.custodian, self.amount_fen, self.component.party)


def portions_of_uses(voucher: Voucher, first: int, uses: int) -> list[Portion]:
    """What ``uses`` uses after the first ``first`` ones take of each component."""
    total = voucher.uses_total
    return [
        Portion(part, share(part.amount_fen, first, uses, total)) for part in components_of(voucher)
    ]


def portions_of(redemption: Redemption) -> list[Portion]:
    """What a redemption took of each component of its voucher (joined)."""
    return portions_of_uses(redemption.voucher, redemption.first_use, redemption.uses)


def unused_portions(voucher: Voucher) -> list[Portion]:
    """What is left in escrow of each tender: of what has arrived, the uses that are left.

    Funders pay when a use is redeemed: nothing of theirs is left anywhere.
    """
    used, total = voucher.uses_used, voucher.uses_total
    return [
        Portion(part, part.amount_fen - cumulative_share(part.amount_fen, used, total))
        for part in components_of(voucher)
        if part.is_received
    ]


def returned_portions(redemption: Redemption, uses: int) -> list[Portion]:
    """What taking ``uses`` back takes from each component: ``left × uses // uses left``.

    One query where something was taken back before.
    """
    given: dict[int, int] = {}
    if redemption.returned_uses:
        rows = ReturnPart.objects.filter(taken_back__redemption_id=redemption.pk).order_by()
        given = dict(rows.values_list("component_id").annotate(Sum("amount_fen")))
    left = redemption.uses - redemption.returned_uses
    return [
        Portion(part, (taken_fen - given.get(part.pk, 0)) * uses // left)
        for part, taken_fen in portions_of(redemption)
    ]


def commission_of(redemption: Redemption) -> int:
    """The platform's share of a redemption: the rate on its base, and the fixed part per use."""
    voucher = redemption.voucher
    base_fen = sum(fen for part, fen in portions_of(redemption) if part.in_base)
    fixed_fen = voucher.commission_fixed_fen * redemption.uses
    return apply_rate(base_fen, voucher.commission_rate) + fixed_fen


def commission_on_unused(voucher: Voucher) -> int:
    """What a forfeit owes the platform: the rate on received money in the base, no fixed part."""
    base_fen = sum(fen for part, fen in unused_portions(voucher) if part.in_base)
    return apply_rate(base_fen, voucher.commission_rate)


def fee_of_uses(redemption: Redemption, first: int, uses: int) -> Fee:
    """The referral fee of ``uses`` of a redemption's uses, after the first ``first`` of them."""
    voucher = redemption.voucher
    whole_fen = share(
        voucher.referral_fen, redemption.first_use, redemption.uses, voucher.uses_total
    )
    return Fee(voucher.referrer_id or 0, share(whole_fen, first, uses, redemption.uses))


def total_of(portions: Sequence[Portion]) -> int:
    """What portions come to together."""
    return sum(portion.amount_fen for portion in portions)


def unused_fen(voucher: Voucher) -> int:
    """What the buyer has paid for the uses that are left: the amount of a refund."""
    return total_of(unused_portions(voucher))
