"""schema.org data of the product and the store page; both load ``structured``.

{% product_ld product choices pictures %}
{% store_ld store %}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.safestring import SafeString

from catalog.models import Product
from catalog.product_page import Choice
from catalog.structured import business_kind, product_data
from kernel.clock import now
from kernel.http.seo.structured import script
from stores.models import Store
from stores.structured import store_data

register = template.Library()


@register.simple_tag
def product_ld(
    product: Product, choices: Sequence[Choice], pictures: Sequence[dict[str, Any]]
) -> SafeString:
    """A product and its prices."""
    return script(product_data(product, choices, pictures))


@register.simple_tag
def store_ld(store: Store) -> SafeString:
    """A store, its place and its hours; one query, kept for ten minutes."""
    return script(store_data(store, kind=business_kind(store), moment=now()))
