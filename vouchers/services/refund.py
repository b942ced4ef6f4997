"""Money back: for what was never used, and for redeemed uses that are taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy

from catalog.models import Product
from catalog.services.stock import Wanted, give_back_stock
from kernel.clock import end_of_day, now
from kernel.errors import InvalidInput, NotFound
from kernel.http.templatetags.fmt import date_local
from kernel.money import share
from payments.models import Payment, Refund
from payments.services import postings
from payments.services.refunds import request_refund
from stores.access import refuse_unless_trading
from vouchers.access import access_voucher_for_owner
from vouchers.errors import NothingToReturn, NotRefundable
from vouchers.models import Redemption, Voucher, VoucherReturn
from vouchers.services.release import write_release
from vouchers.services.return_limits import refuse_beyond_limits
from vouchers.services.sold import take_off_sold, uses_refunded, uses_taken_back
from vouchers.terms import Terms, terms_of

_STATE_REASONS: dict[str, Any] = {
    Voucher.State.USED: gettext_lazy("Everything on this voucher has been used."),
    Voucher.State.REFUNDING: gettext_lazy("The refund of this voucher is already on its way."),
    Voucher.State.REFUNDED: gettext_lazy("The money of this voucher was returned before."),
    Voucher.State.EXPIRED: gettext_lazy("This voucher has expired, and its terms allow no refund."),
    Voucher.State.REVOKED: gettext_lazy("It was a gift, and the business has taken it back."),
}


class RefundQuote(NamedTuple):
    """What a refund would give now. ``reason`` is a sentence when it is not allowed.

    ``until`` is the last moment of the right, None without an end of its own.
    """

    allowed: bool
    amount_fen: int
    reason: str
    until: dt.datetime | None


def refund_quote(voucher: Voucher) -> RefundQuote:
    """Say whether the unused value of ``voucher`` (terms joined) can be refunded now. No query."""
    terms = terms_of(voucher)
    amount_fen = voucher.unused_fen
    until = refund_until(voucher, terms)
    state = voucher.state
    if state == Voucher.State.ACTIVE and now() >= voucher.valid_until:
        # The clock judges, not how far the sweep has come.
        state = state if pays_back_on_expiry(voucher, terms) else Voucher.State.EXPIRED
    if state not in Voucher.OPEN:
        return RefundQuote(False, 0, str(_STATE_REASONS[state]), until)
    if terms.refund_rule == Product.RefundRule.NONE:
        reason = gettext("It was sold without a right to a refund.")
        return RefundQuote(False, 0, reason, None)
    if until and now() > until:
        day = date_local(until, voucher.zone)
        reason = gettext("A refund was possible until %(day)s.") % {"day": day}
        return RefundQuote(False, 0, reason, until)
    if amount_fen == 0:
        return RefundQuote(False, 0, gettext("What is left on it has no refund value."), until)
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

    Locks: payment, voucher, product, stock and offer. Writes: the voucher active or held →
    refunding by compare-and-set, the product's count of sold pieces, the refund request (a worker
    sends it), ledger ``refund:NUMBER`` (escrow to refund_due), the stock given back. Raises
    NotFound, NotRefundable.
    """
    payment_id = access_voucher_for_owner(user=owner, voucher_id=voucher_id).payment_id
    with transaction.atomic():
        lock_payment(payment_id)
        voucher = access_voucher_for_owner(user=owner, voucher_id=voucher_id, lock=True)
        quote = refund_quote(voucher)
        if not quote.allowed:
            raise NotRefundable(
                gettext("%(reason)s Nothing was changed.") % {"reason": quote.reason},
                state=voucher.state,
                until=quote.until and quote.until.isoformat(),
            )
        write_refund(
            voucher,
            reason=Refund.Reason.UNUSED,
            from_state=voucher.state,
            requested_by_id=owner.pk,
        )
    return voucher


def lock_payment(payment_id: int | None) -> None:
    """Take the payment's row, if there is one: first in the order of locks (docs/locking.md)."""
    if payment_id is None:
        return
    Payment.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=payment_id)


def write_refund(
    voucher: Voucher, *, reason: str, from_state: str, requested_by_id: int | None = None
) -> Refund:
    """Send the unused value back. The caller holds the payment's and the voucher's lock.

    Raises NotRefundable when the compare-and-set from ``from_state`` finds another state.
    """
    amount_fen, paid = voucher.unused_fen, _payment_of(voucher)
    won = Voucher.objects.filter(
        pk=voucher.pk, state=from_state, uses_used=voucher.uses_used
    ).update(state=Voucher.State.REFUNDING)
    if not won:
        raise NotRefundable
    voucher.state = Voucher.State.REFUNDING
    take_off_sold(voucher, uses=voucher.uses_left, before=uses_taken_back(voucher))
    refund = request_refund(
        payment_id=paid,
        amount_fen=amount_fen,
        reason=reason,
        voucher_ref=voucher.pk,
        requested_by_id=requested_by_id,
    )
    postings.refund_unused(
        refund_number=refund.number,
        merchant_id=voucher.merchant_id,
        voucher_id=voucher.pk,
        custodian=voucher.custodian,
        unused_fen=amount_fen,
    )
    _give_back(voucher)
    return refund


def return_redeemed(*, redemption_id: int, uses: int, requested_by: Any) -> VoucherReturn:
    """Take ``uses`` redeemed uses back with a refund, out of the merchant's credit.

    The caller has checked that ``requested_by`` may do so. A merchant's own people take back
    within limits of age, amount and balance (vouchers/services/return_limits.py, docs/money.md);
    the operator, and None for the platform itself, beyond them. Locks: payment, voucher,
    redemption, merchant. Writes: a release first when the undo window is still open; the returned uses
    by compare-and-set; the refund request; ledger ``return:NUMBER`` with the share of the
    commission given back; the VoucherReturn. Stock stays as it is: what comes back over the
    counter may not be fit to be sold. Raises NotFound, InvalidInput, NothingToReturn,
    NotTrading, ReturnBeyondLimits.
    """
    if uses < 1:
        raise InvalidInput(fields={"uses": [gettext("Return one use or more.")]})
    found = Redemption.objects.select_related("voucher").filter(pk=redemption_id).first()
    if found is None:
        raise NotFound
    with transaction.atomic():
        lock_payment(found.voucher.payment_id)
        voucher = (
            Voucher.objects.with_custodian()
            .select_for_update(of=("self",), no_key=True)
            .get(pk=found.voucher_id)
        )
        redemption = Redemption.objects.select_for_update(of=("self",), no_key=True).get(
            pk=redemption_id
        )
        redemption.voucher = voucher
        left = 0 if redemption.undone_at else redemption.uses - redemption.returned_uses
        if uses > left:
            raise NothingToReturn(uses_left=left)
        refuse_unless_trading(merchant_id=redemption.merchant_id, by=requested_by)
        if redemption.released_at is None:
            write_release(redemption)
        refuse_beyond_limits(redemption, uses=uses, by=requested_by)
        return _write_return(redemption, uses, requested_by)


def finish_refund(*, refund_id: int) -> bool:
    """The gateway has returned the money: the voucher goes refunding → refunded.

    Handler of "refund.succeeded"; a compare-and-set, safe to repeat. False when the refund
    is of another kind (late payment, return) or the voucher was marked before.
    """
    refund = Refund.objects.filter(pk=refund_id, state=Refund.State.SUCCEEDED).first()
    if refund is None or refund.voucher_ref is None:
        return False
    if refund.reason not in (Refund.Reason.UNUSED, Refund.Reason.EXPIRED):
        return False
    return bool(
        Voucher.objects.filter(pk=refund.voucher_ref, state=Voucher.State.REFUNDING).update(
            state=Voucher.State.REFUNDED
        )
    )


def _write_return(redemption: Redemption, uses: int, requested_by: Any) -> VoucherReturn:
    before, voucher = redemption.returned_uses, redemption.voucher
    value_fen = share(redemption.value_fen, before, uses, redemption.uses)
    commission_fen = share(redemption.commission_fen or 0, before, uses, redemption.uses)
    if value_fen == 0:
        raise NothingToReturn(uses_left=redemption.uses - before)
    back = uses_refunded(voucher) + uses_taken_back(voucher)
    won = Redemption.objects.filter(
        pk=redemption.pk, returned_uses=before, undone_at__isnull=True
    ).update(returned_uses=before + uses)
    if not won:
        raise NothingToReturn
    take_off_sold(voucher, uses=uses, before=back)
    refund = request_refund(
        payment_id=_payment_of(voucher),
        amount_fen=value_fen,
        reason=Refund.Reason.RETURNED,
        voucher_ref=voucher.pk,
        requested_by_id=getattr(requested_by, "pk", None),
    )
    postings.return_redeemed(
        refund_number=refund.number,
        merchant_id=redemption.merchant_id,
        voucher_id=voucher.pk,
        custodian=voucher.custodian,
        value_fen=value_fen,
        commission_fen=commission_fen,
    )
    redemption.returned_uses = before + uses
    return VoucherReturn.objects.create(
        redemption=redemption,
        refund=refund,
        uses=uses,
        value_fen=value_fen,
        commission_fen=commission_fen,
    )


def _payment_of(voucher: Voucher) -> int:
    """The payment that money goes back to; a gift has none, and nothing to give back."""
    if voucher.payment_id is None:
        raise NotRefundable
    return voucher.payment_id


def _give_back(voucher: Voucher) -> None:
    """Give unused pieces back to stock, quota and the buyer's limit; an opened card stays sold."""
    pieces = voucher.units * voucher.uses_left // voucher.uses_total
    if pieces and voucher.offer_ref:
        sold: Any = voucher
        give_back_stock(
            buyer_id=voucher.owner_id,
            returned=[Wanted(sold.offer_ref, sold.variant_id, pieces)],
        )
