"""The way from a product's page to the line of a sale: {% line_of offer %}."""

from __future__ import annotations

from typing import Any

from django import template

from campaigns.models import SaleItem
from catalog.models import Offer

register = template.Library()


@register.inclusion_tag("campaigns/_line.html")
def line_of(offer: Offer) -> dict[str, Any]:
    """Nothing, and no statement, where the offer has no line."""
    if not offer.has_line:
        return {"sale_id": None}
    return {
        "sale_id": SaleItem.objects.filter(offer=offer).values_list("sale_id", flat=True).first()
    }
