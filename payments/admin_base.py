"""What the admin pages of this room share."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from payments.wording import word_gateway
from stores.admin_base import ReadOnlyAdmin
from stores.admin_columns import moment, money, state, worded
from stores.admin_rights import NOTHING
from stores.rights import Right

COLOURS = {
    "created": "warning",
    "succeeded": "success",
    "failed": "danger",
    "closed": "info",
    "requested": "warning",
    "accepted": "warning",
    "issued": "warning",
    "paid": "success",
    "sent": "success",
    "collected": "success",
    "lost": "danger",
    "returned": "danger",
    "open": "danger",
    "resolved": "success",
}
GATEWAY = worded("gateway", _("gateway"), word_gateway)
AMOUNT = money("amount_fen", _("amount"))
STATE = state(COLOURS)
CREATED = moment("created_at", _("created"))


class OperatorBook(ReadOnlyAdmin):
    """A book that only the operator reads."""

    see = Right.SEE_BOOKS
    merchant_path = None
    merchant_may = NOTHING
