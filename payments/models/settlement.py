from __future__ import annotations

from typing import Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from payments.models.ledger import LedgerEntry
from stores.models import Merchant


class Statement(models.Model):
    """A merchant's settlement: every payable entry up to ``cutoff_at`` not settled before.

    ``net_fen = gross_fen - commission_fen - returns_fen - dues_fen + referral_fen -
    carried_fen``. It may be zero, and there is nothing to pay then; or negative, and it is
    collected, carried into the next one, or written off (payments.services.collection).
    """

    class State(models.TextChoices):
        ISSUED = "issued", _("to be paid out")
        PAID = "paid", _("paid out")
        COLLECTED = "collected", _("collected")
        CARRIED = "carried", _("carried into the next one")
        WRITTEN_OFF = "lost", _("written off")
        ZERO = "zero", _("nothing to pay")

    number = models.CharField(_("number"), max_length=32, unique=True)
    merchant = models.ForeignKey(
        Merchant, verbose_name=_("merchant"), on_delete=models.PROTECT, related_name="statements"
    )
    day = models.DateField(_("day"))
    cutoff_at = models.DateTimeField(_("up to"))
    gross_fen = models.BigIntegerField(_("redeemed"))
    commission_fen = models.BigIntegerField(_("commission"))
    returns_fen = models.BigIntegerField(_("returned to customers"))
    dues_fen = models.BigIntegerField(_("part of others' discounts"), default=0, db_default=0)
    referral_fen = models.BigIntegerField(_("referral fees"), default=0, db_default=0)
    carried_fen = models.BigIntegerField(_("owed by statements before"), default=0, db_default=0)
    net_fen = models.BigIntegerField(_("to be paid out"))
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.ISSUED)
    collected_reference = models.CharField(
        _("bank reference of what was collected"), max_length=80, blank=True, db_default=""
    )
    collected_key = models.CharField(max_length=320, null=True, unique=True, editable=False)
    """By which two spellings of a reference are compared (`same_reference`); a transfer pays once."""
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("closed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agreed to by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    issued_at = models.DateTimeField(_("issued"), default=now)

    class Meta:
        verbose_name = _("settlement statement")
        verbose_name_plural = _("settlement statements")
        ordering = ("-day", "-id")
        constraints = (
            models.UniqueConstraint(fields=["merchant", "day"], name="statement_once_a_day"),
        )
        indexes = (
            # What is left to do: few rows, however many have been paid.
            models.Index(fields=["merchant"], condition=Q(state="issued"), name="statement_issued"),
        )

    def __str__(self) -> str:
        return self.number


class SettlementLine(models.Model):
    """One payable ledger entry on one statement; an entry is settled at most once.

    It names its entry by the whole key of the ledger, (month, id); so does its foreign key in
    the database (payments/migrations/0011_entries_by_month.py).
    """

    statement = models.ForeignKey(
        Statement, verbose_name=_("statement"), on_delete=models.PROTECT, related_name="lines"
    )
    entry_month = models.DateField(editable=False)
    entry_id = models.BigIntegerField(editable=False)
    entry = models.ForeignObject(
        LedgerEntry,
        from_fields=["entry_month", "entry_id"],
        to_fields=["month", "id"],
        verbose_name=_("entry"),
        on_delete=models.PROTECT,
        related_name="settlement_line",
    )

    class Meta:
        verbose_name = _("settlement line")
        verbose_name_plural = _("settlement lines")
        ordering = ("id",)
        constraints = (
            # The id leads: the release before looks for it alone.
            models.UniqueConstraint(
                fields=["entry_id", "entry_month"], name="settled_at_most_once"
            ),
        )
        triggers = (
            # The release before names the entry by its id alone.
            pgtrigger.Trigger(
                name="settlement_line_month",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__entry_month__isnull=True),
                func="""
                    SELECT month INTO NEW.entry_month FROM payments_ledgerentry
                        WHERE id = NEW.entry_id;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return f"{self.statement} · {self.entry}"


class Payout(models.Model):
    """Money sent to a merchant for one statement; a returned one is reversed and sent again."""

    class State(models.TextChoices):
        SENT = "sent", _("sent")
        RETURNED = "returned", _("returned by the bank")

    number = models.CharField(_("number"), max_length=32, unique=True)
    statement = models.ForeignKey(
        Statement, verbose_name=_("statement"), on_delete=models.PROTECT, related_name="payouts"
    )
    merchant = models.ForeignKey(
        Merchant, verbose_name=_("merchant"), on_delete=models.PROTECT, related_name="payouts"
    )
    amount_fen = models.PositiveBigIntegerField(_("amount"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.SENT)
    bank_reference = models.CharField(_("bank reference"), max_length=80, blank=True)
    reference_key = models.CharField(max_length=320, null=True, editable=False)
    """By which two spellings of a reference are compared (`same_reference`); NULL for a payout of
    an older release whose reference named another one already."""
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sent by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agreed to by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    agreement = models.OneToOneField(
        "stores.Approval",
        verbose_name=_("request"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payout",
    )
    """The request that a second person agreed to: it pays once. NULL where nobody was asked."""
    sent_at = models.DateTimeField(_("sent at"), default=now)
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("marked as returned by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["statement"], condition=Q(state="sent"), name="payout_one_live"
            ),
            models.UniqueConstraint(
                fields=["reference_key"], condition=Q(state="sent"), name="payout_reference_once"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def asked_by(self) -> Any:
        """Who asked for it; of a payout of a release before, who is kept as its sender."""
        return self.agreement.asked_by if self.agreement else None
