"""Counts of a voucher's uses in the words of its kind (vouchers/units.py)."""

from __future__ import annotations

from django import template

from stores.models import Store
from vouchers.handover import word_progress
from vouchers.kinds import unit_of
from vouchers.models import Voucher

register = template.Library()


@register.simple_tag
def progress(voucher: Voucher, here: int | None = None, place: Store | None = None) -> str:
    """How far a voucher (terms joined) is (vouchers/handover.py)."""
    return word_progress(voucher, here=here, place=place)


@register.simple_tag
def in_units(voucher: Voucher, sentence: str, **facts: object) -> str:
    """A sentence of `vouchers.units.Unit` by its name, filled with ``facts``."""
    return str(getattr(unit_of(voucher.kind), sentence) % facts)
