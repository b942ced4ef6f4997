"""What an event of the books is about, in words that a person recognises.

The books name a redemption and a voucher by their ids, because they know nothing of vouchers.
The room that owns them says here, with ``register_namer``, how they are called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from kernel.numerals import read_number
from payments.models import LedgerEntry, LedgerTransaction

Namer = Callable[[Collection[int]], dict[int, str]]
REDEMPTION, VOUCHER, REFUND = "redemption", "voucher", "refund"
RETURN, REBATE = "return", "rebate"
KINDS = {
    "redeem": REDEMPTION,
    "undo": REDEMPTION,
    "release": REDEMPTION,
    "forfeit": VOUCHER,
    "refund": VOUCHER,
    "return": RETURN,
    "rebate": REBATE,
}
_namers: dict[str, Namer] = {}


def register_namer(subject: str, namer: Namer) -> None:
    """Let ``namer`` turn ids of ``subject`` into names, all ids of a page at once."""
    _namers[subject] = namer


def names_of(subject: str, ids: Collection[int]) -> dict[int, str]:
    """How the rows of ``subject`` with these ids are called."""
    return _namers[subject](ids) if ids and subject in _namers else {}


def name_transactions(transactions: Iterable[LedgerTransaction]) -> None:
    """Write what each transaction is about into its ``subject_text``: two queries at most."""
    rows = [(row, _subject(row)) for row in transactions]
    names = _look_up(subject for _row, subject in rows if subject)
    for row, subject in rows:
        row.subject_text = names.get(subject, _number(row))  # type: ignore[attr-defined]


def name_entries(entries: Iterable[LedgerEntry]) -> None:
    """Write what each entry (transaction joined) is about into its ``subject_text``."""
    rows = [(row, _subject(row.transaction, row.voucher_ref)) for row in entries]
    names = _look_up(subject for _row, subject in rows if subject)
    for row, subject in rows:
        row.subject_text = names.get(subject, _number(row.transaction))  # type: ignore[attr-defined]


def word_subjects(subjects: Iterable[str]) -> dict[str, str]:
    """What entries are about ("voucher:17", "refund:R26…"), in words: by name, or by number."""
    parts = {subject: subject.partition(":") for subject in subjects}
    ids = {
        subject: (noun, pk)
        for subject, (noun, _colon, key) in parts.items()
        if noun in _namers and (pk := read_number(key)) is not None
    }
    names = _look_up(ids.values())
    return {
        subject: names.get(ids.get(subject), key or noun)
        for subject, (noun, _colon, key) in parts.items()
    }


Subject = tuple[str, int] | None


def _subject(transaction: LedgerTransaction, voucher_id: int | None = None) -> Subject:
    kind = KINDS.get(transaction.kind)
    number = read_number(_number(transaction))
    if kind and number is not None:
        return kind, number
    return (VOUCHER, voucher_id) if voucher_id else None


def _number(transaction: LedgerTransaction) -> str:
    return transaction.key.partition(":")[2]


def _look_up(subjects: Iterable[tuple[str, int]]) -> dict[Subject, str]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for subject, pk in subjects:
        wanted[subject].add(pk)
    return {
        (subject, pk): name
        for subject, ids in wanted.items()
        for pk, name in names_of(subject, ids).items()
    }
