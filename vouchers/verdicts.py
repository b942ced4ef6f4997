"""What the judge is asked and what it answers: a code and details, no words."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from stores.models import Store
from vouchers.models import Voucher
from vouchers.terms import Terms


class Case(NamedTuple):
    """``uses`` of ``voucher`` are asked for at ``store`` at ``moment`` (aware)."""

    voucher: Voucher
    terms: Terms
    store: Store
    moment: dt.datetime
    uses: int


class Verdict(NamedTuple):
    """A no: its code (docs/states.md) and what is known about it.

    Details are plain values and rows, in no language; `vouchers.wording` makes sentences of them.
    """

    code: str
    details: dict[str, Any]
