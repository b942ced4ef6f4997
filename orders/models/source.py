"""Whence an order came."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order
from stores.codes.models import Code
from stores.models import Merchant, Store


class OrderSource(models.Model):
    """The first and the last code before an order, of one merchant's part of it; frozen with the order.

    Chosen when the order was placed (stores.codes.sources), never later, whatever is scanned then. A part
    without a code before it has no row. ``store`` is the one whose code was scanned in it within 24 hours.
    """

    order = models.ForeignKey(
        Order,
        verbose_name=_("order"),
        on_delete=models.PROTECT,
        related_name="sources",
        db_index=False,
    )
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    first = models.ForeignKey(
        Code, verbose_name=_("first code"), on_delete=models.PROTECT, related_name="+"
    )
    last = models.ForeignKey(
        Code, verbose_name=_("last code"), on_delete=models.PROTECT, related_name="+"
    )
    store = models.ForeignKey(
        Store,
        verbose_name=_("store"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    first_at = models.DateTimeField(_("first touched"))
    last_at = models.DateTimeField(_("last touched"))

    class Meta:
        verbose_name = _("source of an order")
        verbose_name_plural = _("sources of orders")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["order", "merchant"], name="order_source_once"),
            models.CheckConstraint(
                condition=Q(first_at__lte=F("last_at")), name="order_source_first_is_first"
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="order_source_frozen", operation=pgtrigger.Update | pgtrigger.Delete
            ),
        )

    def __str__(self) -> str:
        return f"{self.order_id} {self.last_id}"
