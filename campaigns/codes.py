"""Codes of coupons as people type and read them."""

from __future__ import annotations

from kernel.ids import COUPON_LENGTH, clean_letters, is_checked
from kernel.plaintext import fold_typography

LONGEST = 40
"""Of what is looked at as a code: spaces and dashes between its letters among it."""


def read_coupon_code(text: str) -> str:
    """The code as it is kept, "" when the text can't be one. Small letters, dashes, O for 0: all welcome."""
    return clean_letters(fold_typography(text), COUPON_LENGTH) if len(text) <= LONGEST else ""


def is_mistyped(text: str) -> bool:
    """Whether it has the shape of one of our codes, and a wrong letter."""
    clean = read_coupon_code(text)
    return bool(clean) and not is_checked(clean)


def write_coupon_code(code: str) -> str:
    """As it is printed and read aloud: "7K2M-9QX4-B0TCW"."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"
