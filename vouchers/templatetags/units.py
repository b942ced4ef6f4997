"""Counts of a voucher's uses in the words of its kind (vouchers/units.py)."""

from __future__ import annotations

from django import template

from vouchers.kinds import unit_of, word_uses_left
from vouchers.models import Voucher

register = template.Library()
register.filter("uses_left", word_uses_left)


@register.simple_tag
def in_units(voucher: Voucher, sentence: str, **facts: object) -> str:
    """A sentence of `vouchers.units.Unit` by its name, filled with ``facts``."""
    return str(getattr(unit_of(voucher.kind), sentence) % facts)
