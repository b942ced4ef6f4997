"""The kinds of vouchers: a module each, listed here."""

from __future__ import annotations

from catalog.models import Product
from vouchers.kinds import pickup, single, times_card
from vouchers.kinds.base import Kind
from vouchers.models import Voucher
from vouchers.units import Unit

KINDS: dict[str, Kind] = {kind.code: kind for kind in (single.KIND, times_card.KIND, pickup.KIND)}

_OF_PRODUCT: dict[str, str] = {
    Product.Kind.TIMES_CARD: Voucher.Kind.TIMES_CARD,
    Product.Kind.GOODS: Voucher.Kind.PICKUP,
}


def kind_of_product(product_kind: str) -> Kind:
    """The kind of the vouchers that a product of this kind is sold as."""
    return KINDS[_OF_PRODUCT.get(product_kind, Voucher.Kind.SINGLE)]


def unit_of(voucher_kind: str) -> Unit:
    """What the uses of a voucher of this kind are called."""
    return KINDS[voucher_kind].unit


def word_uses_left(voucher: Voucher) -> str:
    """What is left of a voucher with several uses, in a few words; "" of a single one."""
    if voucher.uses_total == 1:
        return ""
    words = unit_of(voucher.kind).left
    return str(words % {"left": voucher.uses_open, "total": voucher.uses_total})
