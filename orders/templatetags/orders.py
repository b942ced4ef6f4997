"""Template helpers of the order pages."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from catalog.cards import cover_url
from catalog.models import Picture
from orders.presentation import held_in_wallet

register = template.Library()
register.filter("held_in_wallet", held_in_wallet)


@register.filter
def cover(pictures: Iterable[Picture]) -> str:
    """The address of a line's small picture, "" without one."""
    return cover_url(pictures)
