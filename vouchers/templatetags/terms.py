"""Terms on pages of lower rooms: the product page loads ``terms``."""

from __future__ import annotations

from collections.abc import Sequence, Sized

from django import template

from catalog.models import Product
from vouchers.explain import TermLine, beside_places, explain
from vouchers.services.terms import current_terms

register = template.Library()
SHOWN_APART = {"included"}


@register.simple_tag
def product_terms(
    product: Product, places: Sized, choice: Sequence[str] | None = None
) -> list[TermLine]:
    """The terms a product is sold under now, in sentences; what is included is shown apart.

    ``places`` are the stores that the page lists, ``choice`` the names of those that a buyer chooses from.
    """
    lines = beside_places(explain(current_terms(product), choice=choice), places)
    return [line for line in lines if line.kind not in SHOWN_APART]
