"""How a part of an order reaches its buyer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from orders.models.order import Order
from stores.models import Merchant, Store


class Fulfilment(models.Model):
    """A part of an order that was promised at a place: what one store hands over.

    Lines that nobody promised a place for have none: they are used wherever their vouchers are
    (orders/parts.py). How far it is is not stored: that is read off the uses of its vouchers, so
    that there is one truth.
    """

    class Method(models.TextChoices):
        REDEEM = "redeem", _("used in store")
        PICKUP = "pickup", _("collected in store")

    order = models.ForeignKey(
        Order, verbose_name=_("order"), on_delete=models.CASCADE, related_name="+"
    )
    merchant = models.ForeignKey(
        Merchant,
        verbose_name=_("merchant"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
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
    method = models.CharField(_("method"), max_length=12, choices=Method.choices)
    promised_at = models.DateTimeField(_("ready from"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=now)

    class Meta:
        verbose_name = _("fulfilment")
        verbose_name_plural = _("fulfilments")
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(method="pickup") | Q(store__isnull=False),
                name="fulfilment_pickup_has_a_store",
            ),
        )

    def __str__(self) -> str:
        return f"{self.order} · {self.get_method_display()}"
