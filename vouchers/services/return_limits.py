"""How far a merchant's own people may take redemptions back; beyond it the platform decides."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext

from kernel.clock import now
from kernel.http.templatetags.fmt import fen
from payments.services.ledger import merchant_balance
from stores.models import Merchant
from stores.rights import Right, platform_rights
from vouchers.errors import ReturnBeyondLimits
from vouchers.models import Redemption


def refuse_beyond_limits(
    redemption: Redemption, *, value_fen: int, commission_fen: int, by: Any
) -> None:
    """Raise ReturnBeyondLimits when taking uses worth ``value_fen`` back is the platform's to decide.

    For everybody but the operator and None (the platform): a redemption of at most
    RETURN_DAYS days, at most RETURN_MAX_FEN of it in all its returns together, and never
    more than what the merchant is owed and is on no statement yet (pending and payable). Runs in the caller's
    transaction, after the release; locks the merchant, so that two returns at once do not
    both count on the same balance, and a statement waits.
    """
    if by is None or Right.TAKE_BACK in platform_rights(by):
        return
    age = now() - redemption.redeemed_at
    if age > dt.timedelta(days=settings.RETURN_DAYS):
        reason = gettext("It was redeemed more than %(days)d days ago.")
        raise _refusal(reason % {"days": settings.RETURN_DAYS}, limit="age")
    before_fen = redemption.returns.aggregate(fen=Sum("value_fen"))["fen"] or 0
    if before_fen + value_fen > settings.RETURN_MAX_FEN:
        reason = gettext("It is worth more than %(amount)s.")
        raise _refusal(reason % {"amount": fen(settings.RETURN_MAX_FEN)}, limit="amount")
    Merchant.objects.select_for_update(of=("self",), no_key=True).get(pk=redemption.merchant_id)
    balance = merchant_balance(redemption.merchant_id)
    owed_fen = balance.pending_fen + balance.payable_fen
    if value_fen - commission_fen > owed_fen:
        reason = gettext("It is more than the %(amount)s of yours that is on no statement yet.")
        raise _refusal(reason % {"amount": fen(max(owed_fen, 0))}, limit="balance")


def _refusal(reason: str, *, limit: str) -> ReturnBeyondLimits:
    text = gettext(
        "%(reason)s Only the platform can take it back: write to us with the order number. "
        "Nothing was changed."
    )
    return ReturnBeyondLimits(text % {"reason": reason}, limit=limit)
