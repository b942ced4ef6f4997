"""A gateway's daily bill and what comparing it with our books found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.bounds import MAX_NOTE_CHARS
from kernel.clock import now
from payments.wording import word_gateway


class GatewayBill(models.Model):
    """A downloaded bill: one per gateway and day, in the gateway's time zone."""

    gateway = models.CharField(_("gateway"), max_length=16)
    day = models.DateField(_("day"))
    digest = models.CharField(_("SHA-256 of the file"), max_length=64)
    fetched_at = models.DateTimeField(_("fetched"), default=now)

    class Meta:
        verbose_name = _("gateway bill")
        verbose_name_plural = _("gateway bills")
        ordering = ("-day", "gateway")
        constraints = (models.UniqueConstraint(fields=["gateway", "day"], name="bill_once_a_day"),)

    def __str__(self) -> str:
        return f"{word_gateway(self.gateway)} {self.day}"


class BillLine(models.Model):
    class Kind(models.TextChoices):
        PAYMENT = "payment", _("payment")
        REFUND = "refund", _("refund")

    bill = models.ForeignKey(GatewayBill, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    our_number = models.CharField(_("our number"), max_length=64)
    gateway_number = models.CharField(_("gateway's number"), max_length=64)
    amount_fen = models.PositiveBigIntegerField(_("amount"))
    fee_fen = models.BigIntegerField(_("fee"), default=0)
    occurred_at = models.DateTimeField(_("occurred"))

    class Meta:
        verbose_name = _("bill line")
        verbose_name_plural = _("bill lines")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["bill", "kind", "our_number"], name="bill_line_once"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.our_number}"


class ReconciliationRun(models.Model):
    """One comparison of a bill with payments, refunds and vouchers."""

    bill = models.OneToOneField(
        GatewayBill, verbose_name=_("bill"), on_delete=models.CASCADE, related_name="run"
    )
    ran_at = models.DateTimeField(_("ran"), default=now)
    payments_matched = models.PositiveIntegerField(_("payments matched"), default=0)
    refunds_matched = models.PositiveIntegerField(_("refunds matched"), default=0)
    exceptions_found = models.PositiveIntegerField(_("exceptions"), default=0)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ("-ran_at",)

    def __str__(self) -> str:
        return str(self.bill)


class ReconciliationExceptionQuerySet(models.QuerySet["ReconciliationException"]):
    def open(self) -> ReconciliationExceptionQuerySet:
        """The work list, the oldest first."""
        return self.filter(state=ReconciliationException.State.OPEN).order_by("found_at", "id")


class ReconciliationException(models.Model):
    """A difference that a person must look at; the list ages until it is resolved.

    One row for each kind and number of a gateway's day: what is found of another kind is another
    difference, and what a person has written about one stays beside what is found later. What a
    gateway's message said (`MESSAGE`) is no business of bills, and only people resolve it.
    """

    class Kind(models.TextChoices):
        MISSING_HERE = "missing_here", _("on the bill, not in our books")
        MISSING_THERE = "missing_there", _("in our books, not on the bill")
        AMOUNT = "amount", _("amounts differ")
        STATE = "state", _("states differ")
        VOUCHERS = "vouchers", _("payment and vouchers differ")
        MESSAGE = "message", _("a message's amount differs")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        RESOLVED = "resolved", _("resolved")

    gateway = models.CharField(_("gateway"), max_length=16)
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    subject = models.CharField(_("number"), max_length=64)
    expected_fen = models.BigIntegerField(_("our books"), null=True)
    actual_fen = models.BigIntegerField(_("the bill"), null=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    note = models.TextField(_("note"), blank=True, max_length=MAX_NOTE_CHARS)
    found_at = models.DateTimeField(_("found"), default=now)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("resolved by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ReconciliationExceptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("reconciliation exception")
        verbose_name_plural = _("reconciliation exceptions")
        ordering = ("state", "found_at")
        constraints = (
            models.UniqueConstraint(
                fields=["gateway", "day", "kind", "subject"], name="exception_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"

    @property
    def age_days(self) -> int:
        """Whole days it has been, or was, open."""
        return ((self.resolved_at or now()) - self.found_at).days
