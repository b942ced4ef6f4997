"""Money back: for what was never used, and for redeemed uses that are taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext, gettext_lazy

from catalog.models import Product
from catalog.services.stock import Wanted, give_back_stock, take_goods_back
from kernel.clock import end_of_day, now
from kernel.errors import InvalidInput, NotFound
from kernel.http.templatetags.fmt import date_local
from kernel.money import share
from kernel.outbox.services import publish_many
from payments.models import Refund
from payments.services import postings
from stores.access import refuse_unless_trading
from vouchers.access import access_voucher_for_owner
from vouchers.components import (
    fee_of_uses,
    missing_of,
    returned_portions,
    total_of,
    unused_fen,
    unused_portions,
)
from vouchers.errors import NothingToReturn, NotRefundable
from vouchers.models import Redemption, RefundPart, ReturnPart, Voucher, VoucherReturn
from vouchers.services.money_back import (
    PartBack,
    as_back,
    ask_for_refunds,
    close_balance,
    lock_payments,
    lock_vouchers,
)
from vouchers.services.release import write_release
from vouchers.services.return_limits import refuse_beyond_limits
from vouchers.services.sold import GivenBack, take_off_sold, uses_refunded, uses_taken_back
from vouchers.terms import Terms, terms_of

ENDS_VOUCHERS = (Refund.Reason.UNUSED, Refund.Reason.EXPIRED)
"""Why a refund ends its vouchers; the others leave them as they are."""

_STATE_REASONS: dict[str, Any] = {
    Voucher.State.USED: gettext_lazy("Everything on this voucher has been used."),
    Voucher.State.REFUNDING: gettext_lazy("The refund of this voucher is already on its way."),
    Voucher.State.REFUNDED: gettext_lazy("The money of this voucher was returned before."),
    Voucher.State.EXPIRED: gettext_lazy("This voucher has expired, and its terms allow no refund."),
    Voucher.State.REVOKED: gettext_lazy("It was a gift, and the business has taken it back."),
}

SHELF, LOST = GOODS = ("shelf", "lost")
"""What may become of goods that come back: they can be sold again, or they cannot."""


class RefundQuote(NamedTuple):
    """What a refund would give now. ``reason`` is a sentence when it is not allowed.

    ``until`` is the last moment of the right, None without an end of its own. ``kept_fen`` is what of the
    buyer's money stays with the store; `vouchers.refund_words` says why.
    """

    allowed: bool
    amount_fen: int
    reason: str
    until: dt.datetime | None
    kept_fen: int = 0


def quote_refund(voucher: Voucher) -> RefundQuote:
    """`refund_quote` of a voucher whose outcome was read along, with what is kept. No query."""
    quote = refund_quote(voucher)
    back_fen: int = voucher.back_fen  # type: ignore[attr-defined]
    return quote._replace(kept_fen=max(0, voucher.received_fen - back_fen - quote.amount_fen))


def refund_quote(voucher: Voucher) -> RefundQuote:
    """Say whether the unused value of ``voucher`` (terms joined) can be refunded now. No query."""
    terms = terms_of(voucher)
    amount_fen = unused_fen(voucher)
    until = refund_until(voucher, terms)
    state = voucher.state
    if state == Voucher.State.ACTIVE and now() >= voucher.valid_until:
        # The clock judges, not how far the sweep has come.
        state = state if pays_back_on_expiry(voucher, terms) else Voucher.State.EXPIRED
    if state not in Voucher.OPEN:
        return RefundQuote(False, 0, str(_STATE_REASONS[state]), until)
    if voucher.is_gift:
        return RefundQuote(
            False, 0, gettext("It was a gift, so there is no money to return."), None
        )
    if terms.refund_rule == Product.RefundRule.NONE:
        reason = gettext("It was sold without a right to a refund.")
        return RefundQuote(False, 0, reason, None)
    if until and now() > until:
        day = date_local(until, voucher.zone)
        reason = gettext("A refund was possible until %(day)s.") % {"day": day}
        return RefundQuote(False, 0, reason, until)
    return RefundQuote(True, amount_fen, "", until)


def refund_until(voucher: Voucher, terms: Terms) -> dt.datetime | None:
    """The end of the day ``refund_days`` after purchase, for the rule that counts days."""
    if terms.refund_rule != Product.RefundRule.DAYS:
        return None
    day = voucher.created_at.astimezone(voucher.zone).date()
    day += dt.timedelta(days=terms.refund_days or 0)
    return end_of_day(day, voucher.zone).astimezone(voucher.zone)


def pays_back_on_expiry(voucher: Voucher, terms: Terms) -> bool:
    """Whether the unused value goes back to the customer when ``voucher`` expires."""
    if terms.refund_on_expiry:
        return True
    until = refund_until(voucher, terms)
    return until is not None and max(now(), voucher.valid_until) <= until


def refund_voucher(*, owner: Any, voucher_id: int) -> Voucher:
    """Refund the unused value of the person's own voucher, as its terms allow.

    Locks: payments, voucher, product, stock and offer. Writes: the voucher active or held →
    refunding by compare-and-set, the product's count of sold pieces, a refund request per payment
    (a worker sends it), ledger ``refund:VOUCHER`` (escrow to refund_due), the stock given back.
    An open payment of its order's balance is closed, for it asks too much.
    Where the buyer paid nothing, it is refunded at once. Raises NotFound, NotRefundable.
    """
    seen = access_voucher_for_owner(user=owner, voucher_id=voucher_id)
    with transaction.atomic():
        lock_payments([voucher_id], waiting=seen.state == Voucher.State.HELD)
        voucher = access_voucher_for_owner(user=owner, voucher_id=voucher_id, lock=True)
        quote = refund_quote(voucher)
        if not quote.allowed:
            raise NotRefundable(
                gettext("%(reason)s Nothing was changed.") % {"reason": quote.reason},
                state=voucher.state,
                until=quote.until and quote.until.isoformat(),
            )
        if missing_of(voucher):
            close_balance(voucher)
        write_refund([voucher], reason=Refund.Reason.UNUSED, requested_by=owner)
    return voucher


def write_refund(vouchers: Sequence[Voucher], *, reason: str, requested_by: Any = None) -> None:
    """Send the unused value of ``vouchers`` back, one refund per payment for all of them.

    They are of one owner; the caller holds the locks of their payments and their own. Each goes
    from the state it has to refunding, or to refunded where nothing has to be sent. Raises
    NotRefundable when a compare-and-set finds another state.
    """
    unused = {voucher.pk: unused_portions(voucher) for voucher in vouchers}
    for voucher in vouchers:
        _close(voucher, sends=total_of(unused[voucher.pk]) > 0)
    taken_back = uses_taken_back(unused)
    take_off_sold([GivenBack(row, row.uses_left, taken_back[row.pk]) for row in vouchers])
    refunds = ask_for_refunds(
        [PartBack(voucher, portion) for voucher in vouchers for portion in unused[voucher.pk]],
        reason=reason,
        requested_by=requested_by,
    )
    for voucher in vouchers:
        postings.refund_unused(
            voucher_id=voucher.pk,
            merchant_id=voucher.merchant_id,
            parts=[as_back(portion, refunds) for portion in unused[voucher.pk]],
        )
    _give_back(vouchers)
    if not refunds:  # nothing was paid, so nothing else tells who follows what came back
        numbers = {voucher.order_number for voucher in vouchers if voucher.order_number}
        publish_many("order.sent_back", [{"order_number": number} for number in sorted(numbers)])


def _close(voucher: Voucher, *, sends: bool) -> None:
    state = Voucher.State.REFUNDING if sends else Voucher.State.REFUNDED
    won = Voucher.objects.filter(
        pk=voucher.pk, state=voucher.state, uses_used=voucher.uses_used
    ).update(state=state)
    if not won:
        raise NotRefundable
    voucher.state = state


def return_redeemed(
    *, redemption_id: int, uses: int, requested_by: Any, on_shelf: bool = False
) -> VoucherReturn:
    """Take ``uses`` redeemed uses back, out of the merchant's credit, component by component.

    Pieces of goods came back to the store that handed them over: with ``on_shelf`` they can be
    sold again, otherwise, as what comes back over the counter may not be fit to be sold, they are
    lost; other uses come back to no shelf.

    The caller has checked that ``requested_by`` may do so. A merchant's own people take back
    within limits of age, amount and balance (vouchers/services/return_limits.py, docs/money.md);
    the operator, and None for the platform itself, beyond them. Locks: payments, voucher,
    redemption, merchant, product, stock. Writes: a release first when the undo window is still open; the returned uses
    by compare-and-set; a refund request per payment; ledger ``return:RETURN`` with the shares of
    commission and referral fee given back; the VoucherReturn and its parts; of goods the stock's
    movements. Raises NotFound, InvalidInput, NothingToReturn, NotTrading, ReturnBeyondLimits.
    """
    if uses < 1:
        raise InvalidInput(fields={"uses": [gettext("Return one use or more.")]})
    found = Redemption.objects.filter(pk=redemption_id).first()
    if found is None:
        raise NotFound
    with transaction.atomic():
        lock_payments([found.voucher_id])
        (voucher,) = lock_vouchers([found.voucher_id])
        redemption = Redemption.objects.select_for_update(of=("self",), no_key=True).get(
            pk=redemption_id
        )
        redemption.voucher = voucher
        goods = voucher.kind == Voucher.Kind.PICKUP
        if on_shelf and not goods:
            raise InvalidInput(fields={"goods": [gettext("Only goods go back on the shelf.")]})
        left = 0 if redemption.undone_at else redemption.uses - redemption.returned_uses
        if uses > left or voucher.is_gift:  # nobody has paid for a gift
            raise NothingToReturn(uses_left=left)
        refuse_unless_trading(merchant_id=redemption.merchant_id, by=requested_by)
        if redemption.released_at is None:
            write_release(redemption)
        taken = _write_return(redemption, uses, requested_by)
        if goods and voucher.variant_id:
            take_goods_back(
                variant_id=voucher.variant_id,
                store_id=redemption.store_id,
                pieces=uses,
                on_shelf=on_shelf,
                reference=voucher.order_number,
                by=requested_by,
            )
        return taken


def finish_refund(*, refund_id: int) -> int:
    """The gateway has returned the money: vouchers go refunding → refunded; how many.

    Handler of "refund.succeeded"; a compare-and-set, safe to repeat. A voucher that was paid
    by several payments waits for the refund of each. None when the refund is of another kind
    (late payment, return, rebate) or its vouchers were marked before.
    """
    refund = Refund.objects.filter(pk=refund_id, state=Refund.State.SUCCEEDED).first()
    if refund is None or refund.reason not in ENDS_VOUCHERS:
        return 0
    outstanding = RefundPart.objects.filter(
        voucher=OuterRef("pk"), refund__reason__in=ENDS_VOUCHERS
    ).exclude(refund__state=Refund.State.SUCCEEDED)
    return Voucher.objects.filter(
        ~Exists(outstanding),
        pk__in=refund.parts.values("voucher"),
        state=Voucher.State.REFUNDING,
    ).update(state=Voucher.State.REFUNDED)


def _write_return(redemption: Redemption, uses: int, requested_by: Any) -> VoucherReturn:
    before, voucher = redemption.returned_uses, redemption.voucher
    portions = returned_portions(redemption, uses)
    value_fen = total_of(portions)
    commission_fen = share(redemption.commission_fen or 0, before, uses, redemption.uses)
    refuse_beyond_limits(
        redemption, value_fen=value_fen, commission_fen=commission_fen, by=requested_by
    )
    back = uses_refunded(voucher) + uses_taken_back([voucher.pk])[voucher.pk]
    won = Redemption.objects.filter(
        pk=redemption.pk, returned_uses=before, undone_at__isnull=True
    ).update(returned_uses=before + uses)
    if not won:
        raise NothingToReturn
    redemption.returned_uses = before + uses
    take_off_sold([GivenBack(voucher, uses, back)])
    refunds = ask_for_refunds(
        [PartBack(voucher, portion) for portion in portions],
        reason=Refund.Reason.RETURNED,
        requested_by=requested_by,
    )
    taken = VoucherReturn.objects.create(
        redemption=redemption, uses=uses, value_fen=value_fen, commission_fen=commission_fen
    )
    ReturnPart.objects.bulk_create(
        ReturnPart(
            taken_back=taken,
            component_id=part.pk,
            refund=refunds.get(part.payment_id) if part.payment_id else None,
            amount_fen=fen,
        )
        for part, fen in portions
        if fen
    )
    postings.return_redeemed(
        return_id=taken.pk,
        merchant_id=redemption.merchant_id,
        voucher_id=voucher.pk,
        parts=[as_back(portion, refunds) for portion in portions],
        commission_fen=commission_fen,
        fee=fee_of_uses(redemption, before, uses),
    )
    return taken


def _give_back(vouchers: Sequence[Voucher]) -> None:
    """Give unused pieces back to stock, quota and the buyer's limit; an opened card stays sold."""
    sold: Any = [voucher for voucher in vouchers if voucher.offer_ref]
    returned = [
        Wanted(voucher.offer_ref, voucher.variant_id, pieces, terms_of(voucher).collect_at)
        for voucher in sold
        if (pieces := voucher.units * voucher.uses_left // voucher.uses_total)
    ]
    numbers = {voucher.order_number for voucher in sold}
    if returned:
        give_back_stock(
            buyer_id=vouchers[0].owner_id,
            returned=returned,
            reference=numbers.pop() if len(numbers) == 1 else "",
        )
