"""A card with several uses of the same thing, each worth its share of the price."""

from __future__ import annotations

from vouchers.kinds.base import Kind, counted_line, enough_left, one_each
from vouchers.models import Voucher

KIND = Kind(Voucher.Kind.TIMES_CARD, enough_left, one_each, counted_line)
