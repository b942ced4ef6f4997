"""The sandbox gateway's own books: what a real gateway would keep on its side."""

from __future__ import annotations

from django.db import models

from kernel.clock import now


class SandboxTrade(models.Model):
    """A payment as the gateway sees it. ``delivered_at``: when we took the notification in.

    ``payer`` is the account that paid, as the gateway calls it; "" where it names none.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        PAID = "paid"
        FAILED = "failed"
        CLOSED = "closed"

    token = models.CharField(max_length=64, unique=True)
    trade_no = models.CharField(max_length=40, unique=True)
    out_trade_no = models.CharField(max_length=32, unique=True)
    amount_fen = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3, default="CNY")
    subject = models.CharField(max_length=200)
    return_url = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, db_index=True)
    delivered_at = models.DateTimeField(null=True)
    payer = models.CharField(max_length=64, default="", db_default="")

    class Meta:
        indexes = (
            models.Index(
                fields=["decided_at"],
                name="sandbox_trade_undelivered",
                condition=models.Q(decided_at__isnull=False, delivered_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.trade_no


class SandboxRefund(models.Model):
    """A refund is accepted at ``created_at`` and done at ``done_at``, which may lie ahead."""

    trade = models.ForeignKey(SandboxTrade, on_delete=models.PROTECT, related_name="refunds")
    refund_no = models.CharField(max_length=40, unique=True)
    out_refund_no = models.CharField(max_length=32, unique=True)
    amount_fen = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(default=now, db_index=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["done_at"],
                name="sandbox_refund_undelivered",
                condition=models.Q(delivered_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.refund_no
