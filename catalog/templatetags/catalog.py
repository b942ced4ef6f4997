"""Deals on pages of lower rooms: the store page loads ``catalog``.

{% store_deals store %}    what can be bought for this store, best sold first
"""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from catalog.cards import product_cards
from catalog.search import products_of_store
from stores.models import Store

register = template.Library()


@register.inclusion_tag("catalog/_store_deals.html")
def store_deals(store: Store) -> dict[str, Any]:
    """Deals that can be used at a store: two queries, one when there is none.

    The page is the store's own, so its cards do not say whose they are.
    """
    cards = product_cards(products_of_store(store))
    return {
        "cards": [{**card, "store_name": ""} for card in cards],
        "all_url": f"{reverse('product_list')}?merchant={store.merchant.slug}&city=",
    }
