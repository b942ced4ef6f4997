"""What the rooms tell `payments.services.postings`: plain ids and fen, and whose they are."""

from __future__ import annotations

from typing import NamedTuple

from payments.parties import Party


class Sold(NamedTuple):
    """What a payment brings in for one voucher."""

    voucher_id: int
    merchant_id: int
    amount_fen: int


class Charged(NamedTuple):
    """What a payment brings in for a fee of the order, and for whom."""

    line_id: int
    party: Party
    amount_fen: int


class Part(NamedTuple):
    """What moves of one component of a voucher: the buyer's money, or what a ``party`` (its key) funds."""

    custodian: str
    amount_fen: int
    party: str = ""


class Back(NamedTuple):
    """What goes back of one component, and the refund that carries it; none for a funder's."""

    custodian: str
    amount_fen: int
    party: str = ""
    refund_number: str = ""


class Fee(NamedTuple):
    """What the merchant owes for a guest that another business sent."""

    merchant_id: int
    amount_fen: int


NO_FEE = Fee(0, 0)


class Owed(NamedTuple):
    """What the lines of a statement come to at one custodian; a credit of the merchant is positive."""

    custodian: str
    amount_fen: int
