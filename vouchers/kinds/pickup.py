"""Goods to pick up: one voucher for all pieces, a use per piece."""

from __future__ import annotations

from django.utils.translation import gettext

from vouchers.kinds.base import Kind, Shape, enough_left
from vouchers.models import Voucher
from vouchers.terms import Terms
from vouchers.units import PIECES


def _together(quantity: int, _uses: int) -> list[Shape]:
    return [Shape(quantity, quantity)]


def _uses_line(_terms: Terms) -> str:
    return gettext("One voucher for all pieces; pick them up together or one at a time.")


KIND = Kind(Voucher.Kind.PICKUP, enough_left, _together, _uses_line, PIECES)
