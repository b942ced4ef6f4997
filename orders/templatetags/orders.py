"""Template helpers of the order pages."""

from __future__ import annotations

from django import template

from catalog.models import Picture
from orders.basket_view import picture_address

register = template.Library()


@register.filter
def cover(picture: Picture | None) -> str:
    """The address of a line's small picture, "" without one."""
    return picture_address(picture or None)
