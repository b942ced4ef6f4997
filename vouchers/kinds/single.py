"""A plain voucher: what is on it, as a rule once."""

from __future__ import annotations

from vouchers.kinds.base import Kind, counted_line, enough_left, one_each
from vouchers.models import Voucher

KIND = Kind(Voucher.Kind.SINGLE, enough_left, one_each, counted_line)
