"""Invoices of other systems that were replayed here."""

from __future__ import annotations

from django.db import models

from kernel.clock import now
from orders.models.order import Order
from stores.models import Merchant


class ExternalOrder(models.Model):
    """An invoice of another system that was replayed here, and what came of its rows.

    ``number`` is unique within its merchant, so replaying a file twice changes nothing.
    ``refused`` holds ``[line, key, reason]`` rows, told again by a second run.
    """

    merchant = models.ForeignKey(
        Merchant, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    number = models.CharField(max_length=64)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+")
    accepted = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["merchant", "number"], name="external_order_once"),
        )

    def __str__(self) -> str:
        return self.number
