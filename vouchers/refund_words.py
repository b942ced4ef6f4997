"""What a refund gives and what stays with the store, in a sentence, for the page and the API."""

from __future__ import annotations

from django.utils.translation import gettext

from kernel.http.templatetags.fmt import fen
from vouchers.kinds import unit_of
from vouchers.models import Voucher
from vouchers.services.refund import RefundQuote


def refund_sentence(voucher: Voucher, quote: RefundQuote) -> str:
    """What goes back to the buyer, what is kept and why; ``voucher`` with its outcome (`kept_uses`)."""
    if not quote.allowed:
        return gettext("No refund is possible now. %(reason)s") % {"reason": quote.reason}
    if not voucher.received_fen:
        return gettext("You have paid nothing for it, so no money goes back.")
    if not quote.kept_fen:
        return gettext("%(amount)s goes back to you. Nothing is kept.") % {
            "amount": fen(quote.amount_fen)
        }
    counted = {"used": kept_uses(voucher), "total": voucher.uses_total}
    used = unit_of(voucher.kind).used % counted
    text = gettext("%(amount)s goes back to you. %(kept)s stays with the store: %(used)s.")
    return text % {"amount": fen(quote.amount_fen), "kept": fen(quote.kept_fen), "used": used}


def kept_uses(voucher: Voucher) -> int:
    """The redeemed uses of a voucher (of `vouchers.outcome`) that nobody took back: the store keeps their money."""
    returned: int = voucher.returned_uses  # type: ignore[attr-defined]
    return voucher.uses_used - returned
