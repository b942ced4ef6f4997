from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from payments.wording import word_notification


class RefundQuerySet(models.QuerySet["Refund"]):
    def waiting(self) -> RefundQuerySet:
        """Refunds that the gateway has not confirmed yet and works on, or soon will."""
        return self.filter(state__in=[Refund.State.REQUESTED, Refund.State.ACCEPTED])


class Payment(models.Model):
    """One attempt to pay an order at a gateway. ``number`` is our out_trade_no."""

    class State(models.TextChoices):
        CREATED = "created", _("waiting for payment")
        SUCCEEDED = "succeeded", _("paid")
        FAILED = "failed", _("failed")
        CLOSED = "closed", _("closed")

    class Purpose(models.TextChoices):
        """What part of its order a payment is for."""

        WHOLE = "whole", _("whole order")
        DEPOSIT = "deposit", _("deposit")
        BALANCE = "balance", _("balance")
        TOP_UP = "top_up", _("top-up")

    number = models.CharField(_("number"), max_length=32, unique=True)
    reference = models.CharField(_("order"), max_length=32, db_index=True)
    purpose = models.CharField(
        _("purpose"),
        max_length=8,
        choices=Purpose.choices,
        default=Purpose.WHOLE,
        db_default=Purpose.WHOLE,
    )
    payer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("payer"),
        on_delete=models.PROTECT,
        related_name="payments",
    )
    gateway = models.CharField(_("gateway"), max_length=16)
    amount_fen = models.PositiveBigIntegerField(_("amount"))
    refunded_fen = models.PositiveBigIntegerField(_("refunded or being refunded"), default=0)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.CREATED
    )
    gateway_trade_no = models.CharField(_("gateway's number"), max_length=64, blank=True)
    pay_url = models.CharField(_("address to pay at"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), default=now)
    expires_at = models.DateTimeField(_("expires"))
    succeeded_at = models.DateTimeField(_("paid at"), null=True, blank=True)

    # Rows of the release before this one count as counted: the upgrade has counted them.
    sales_counted = models.BooleanField(default=False, db_default=True, editable=False)
    """Whether what it bought is in the products' counts of sold pieces (vouchers/services/sold.py)."""

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["gateway", "succeeded_at"], name="payment_bill_day"),
            models.Index(
                fields=["created_at"], name="payment_waiting", condition=Q(state="created")
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_positive"),
            models.CheckConstraint(
                condition=Q(refunded_fen__lte=F("amount_fen")), name="payment_never_over_refunded"
            ),
            models.UniqueConstraint(
                fields=["gateway", "gateway_trade_no"],
                condition=~Q(gateway_trade_no=""),
                name="payment_gateway_trade",
            ),
            models.UniqueConstraint(
                fields=["reference", "purpose"],
                condition=Q(state="created") & ~Q(reference=""),
                name="payment_one_waits",
            ),
        )

    def __str__(self) -> str:
        return self.number


class GatewayEvent(models.Model):
    """A verified notification, recorded once; ``outcome`` says what it changed."""

    gateway = models.CharField(_("gateway"), max_length=16)
    event_id = models.CharField(_("event"), max_length=96)
    kind = models.CharField(_("kind"), max_length=32)
    payment_number = models.CharField(_("payment"), max_length=32, db_index=True)
    body = models.TextField(_("raw body"))
    outcome = models.CharField(_("outcome"), max_length=40, blank=True)
    received_at = models.DateTimeField(_("received"), default=now)

    class Meta:
        verbose_name = _("gateway notification")
        verbose_name_plural = _("gateway notifications")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["gateway", "event_id"], name="gateway_event_once"),
        )

    def __str__(self) -> str:
        return f"{word_notification(self.kind)} {self.payment_number}"


class Refund(models.Model):
    """Money going back for one payment. ``number`` is our out_refund_no, kept over retries.

    It may be for several vouchers: what of a payment ends together goes back together.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("requested")
        ACCEPTED = "accepted", _("accepted by the gateway")
        SUCCEEDED = "succeeded", _("money returned")
        FAILED = "failed", _("needs attention")

    class Reason(models.TextChoices):
        UNUSED = "unused", _("not used")
        EXPIRED = "expired", _("expired")
        RETURNED = "returned", _("after-sales")
        REBATE = "rebate", _("became cheaper")
        LATE_PAYMENT = "late_payment", _("paid too late or twice")

    number = models.CharField(_("number"), max_length=32, unique=True)
    payment = models.ForeignKey(
        Payment, verbose_name=_("payment"), on_delete=models.PROTECT, related_name="refunds"
    )
    amount_fen = models.PositiveBigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.REQUESTED
    )
    gateway_refund_no = models.CharField(_("gateway's number"), max_length=64, blank=True)
    error = models.TextField(_("last error"), blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("requested at"), default=now)
    succeeded_at = models.DateTimeField(_("returned at"), null=True, blank=True)

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=["created_at"],
                name="refund_waiting",
                condition=Q(state__in=["requested", "accepted"]),
            ),
            models.Index(fields=["succeeded_at"], name="refund_day"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_positive"),
        )

    def __str__(self) -> str:
        return self.number
