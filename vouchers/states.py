"""Where the money of a redemption stands: one rule for lists, filters and pages."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.clock import now
from payments.models import Account, LedgerEntry, Statement
from vouchers.models import Redemption


class RedemptionState(models.TextChoices):
    """From the counter to the bank; an undone or returned redemption goes no further.

    One that is partly returned says how much of it stands: `Redemption.kept_uses`.
    """

    UNDO_OPEN = "live", _("can still be undone")
    PAYABLE = "released", _("payable")
    ON_STATEMENT = "settled", _("on a statement")
    PAID_OUT = "paid_out", _("paid out")
    UNDONE = "undone", _("undone")
    PARTLY_RETURNED = "partly_returned", pgettext_lazy("redemption", "partly returned")
    RETURNED = "returned", pgettext_lazy("redemption", "returned")


def word_standing(state: RedemptionState, *, value_fen: int) -> Any:
    """The state as people read it: no money of a gift is payable, it is redeemed."""
    if state == RedemptionState.PAYABLE and not value_fen:
        return pgettext_lazy("redemption", "redeemed")
    return state.label


def fresh_state(redemption: Redemption) -> RedemptionState:
    """The state of a redemption written this moment, which no statement can hold yet; no query."""
    if redemption.undone_at is not None:
        return RedemptionState.UNDONE
    if redemption.returned_uses:
        return RedemptionState.PARTLY_RETURNED if redemption.kept_uses else RedemptionState.RETURNED
    if redemption.released_at is None and redemption.undo_until > now():
        return RedemptionState.UNDO_OPEN
    return RedemptionState.PAYABLE


def standing_of(redemption: Redemption) -> RedemptionState:
    """The state of one redemption at this moment; one query."""
    rows = with_state(Redemption.objects.filter(pk=redemption.pk))
    return RedemptionState(rows.values_list("standing", flat=True).get())


def with_state(redemptions: QuerySet[Redemption], moment: Any = None) -> QuerySet[Any]:
    """Add ``standing``, a `RedemptionState`; no further query.

    The undo window is judged by the clock. The rest is what the statement says that holds the
    redemption's own payable entries (ledger key ``release:ID``).
    """
    entries = LedgerEntry.objects.filter(
        transaction__key=Concat(
            Value("release:"),
            Cast(OuterRef("pk"), models.CharField()),
            output_field=models.CharField(),
        ),
        account=Account.PAYABLE,
        settlement_line__isnull=False,
    )
    statement = entries.order_by("-pk").values("settlement_line__statement__state")[:1]
    open_window = Q(released_at__isnull=True, undo_until__gt=moment or now())
    return redemptions.alias(_statement=Subquery(statement)).annotate(
        standing=Case(
            When(undone_at__isnull=False, then=Value(RedemptionState.UNDONE.value)),
            When(returned_uses__gte=F("uses"), then=Value(RedemptionState.RETURNED.value)),
            When(returned_uses__gt=0, then=Value(RedemptionState.PARTLY_RETURNED.value)),
            When(open_window, then=Value(RedemptionState.UNDO_OPEN.value)),
            When(_statement=Statement.State.PAID.value, then=Value(RedemptionState.PAID_OUT.value)),
            When(_statement__isnull=False, then=Value(RedemptionState.ON_STATEMENT.value)),
            default=Value(RedemptionState.PAYABLE.value),
            output_field=models.CharField(),
        )
    )
