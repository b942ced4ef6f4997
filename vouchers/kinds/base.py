"""What a kind of voucher says for itself; every kind is a module beside this one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext

from vouchers.terms import Terms
from vouchers.units import USES, Unit
from vouchers.verdicts import Case, Verdict


class Shape(NamedTuple):
    """One voucher to issue: the pieces of stock it stands for, and its uses."""

    units: int
    uses: int


class Kind(NamedTuple):
    """``judge``: its own rule, asked after all others. ``shapes``: the vouchers that ``quantity``
    pieces with ``uses`` each become. ``uses_line``: how often it can be used, in a sentence.
    ``unit``: what its uses are called.
    """

    code: str
    judge: Callable[[Case], Verdict | None]
    shapes: Callable[[int, int], list[Shape]]
    uses_line: Callable[[Terms], str]
    unit: Unit = USES


def enough_left(case: Case) -> Verdict | None:
    """No more uses than are left."""
    left = case.voucher.uses_left
    if case.uses <= left:
        return None
    total = case.voucher.uses_total
    details = {"asked": case.uses, "uses_left": left, "uses_total": total}
    return Verdict("no_uses_left", details | {"kind": case.voucher.kind})


def one_each(quantity: int, uses: int) -> list[Shape]:
    """A voucher per piece."""
    return [Shape(1, uses)] * quantity


def counted_line(terms: Terms) -> str:
    """How often it can be used."""
    if terms.uses == 1:
        return gettext("Can be used once.")
    return gettext("Can be used %(count)s times, one at a time or several at once.") % {
        "count": terms.uses
    }
