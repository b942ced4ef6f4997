"""Terms on pages of lower rooms: the product page loads ``terms``."""

from __future__ import annotations

from django import template

from catalog.models import Product
from vouchers.explain import TermLine, explain
from vouchers.services.terms import current_terms

register = template.Library()
SHOWN_APART = {"included"}


@register.simple_tag
def product_terms(product: Product) -> list[TermLine]:
    """The terms a product is sold under now, in sentences; what is included is shown apart."""
    return [line for line in explain(current_terms(product)) if line.kind not in SHOWN_APART]
