"""What can be claimed, on pages of other rooms: product and store pages load ``coupons``.

{% product_coupons product %}    ribbons with a button; nothing where the merchant has no campaign
{% store_coupons store %}        the same about a store
"""

from __future__ import annotations

from typing import Any

from django import template

from campaigns.selectors import Claimable, campaigns_of_product, campaigns_of_store
from catalog.models import Product
from stores.models import Store

register = template.Library()


@register.inclusion_tag("campaigns/_ribbons.html", takes_context=True)
def product_coupons(context: dict[str, Any], product: Product) -> dict[str, Any]:
    """Of a product's merchant, those that are good for this product."""
    person_id = context["request"].user.pk
    return _ribbons(context, campaigns_of_product(product=product, person_id=person_id))


@register.inclusion_tag("campaigns/_ribbons.html", takes_context=True)
def store_coupons(context: dict[str, Any], store: Store) -> dict[str, Any]:
    """Of a store's merchant, but for those of its other stores."""
    person_id = context["request"].user.pk
    return _ribbons(context, campaigns_of_store(store=store, person_id=person_id))


def _ribbons(context: dict[str, Any], offers: list[Claimable]) -> dict[str, Any]:
    return {"offers": offers, "request": context["request"], "csrf_token": context["csrf_token"]}
