"""What a person means to buy."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models import Offer
from kernel.clock import now
from stores.models import Store


class Basket(models.Model):
    """What a person means to buy. A guest's is found by the token in the session."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="basket"
    )
    token = models.CharField(max_length=64, unique=True)
    changed_at = models.DateTimeField(default=now, db_index=True)

    def __str__(self) -> str:
        return f"{self.owner or self.token[:6]}"


class BasketLine(models.Model):
    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines")
    offer = models.ForeignKey(Offer, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(default=1)
    store = models.ForeignKey(
        Store, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    added_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["basket", "offer"], name="basket_offer_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="basket_quantity_positive"),
        )

    def __str__(self) -> str:
        return f"{self.offer} × {self.quantity}"
