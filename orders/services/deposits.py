"""A deposit: the part of an order that is paid at once; the rest is owed until later."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from orders.errors import DepositNotAPart
from orders.models import Order


class Deposit(NamedTuple):
    """What is asked for at once, and until when the balance has to be paid."""

    amount_fen: int
    balance_until: dt.datetime


def ask_deposit(order: Order, deposit: Deposit, *, goods_fen: int) -> None:
    """Write onto an ``order`` that is not saved yet that it is paid by a deposit first.

    A deposit is a part of what the goods cost (``goods_fen``): fees come with the balance. It is
    paid before the balance is due. Raises DepositNotAPart.
    """
    if not 0 < deposit.amount_fen < goods_fen or deposit.balance_until <= order.expires_at:
        raise DepositNotAPart(deposit_fen=deposit.amount_fen, goods_fen=goods_fen)
    order.deposit_fen, order.balance_until = deposit
