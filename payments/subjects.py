"""What an event of the books is about, in words that a person recognises.

The books name a redemption and a voucher by their ids, because they know nothing of vouchers.
The room that owns them says here, with ``register_namer``, how they are called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from kernel.numerals import read_number
from payments.models import LedgerEntry, LedgerTransaction, Payment, Payout, Refund, Statement


class Named(NamedTuple):
    """What a subject is called, and the row of the back office that shows it ("vouchers_voucher", 17)."""

    text: str
    page: str = ""
    pk: int | None = None


Namer = Callable[[Collection[int]], dict[int, Named]]
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
NUMBERED: dict[str, Any] = {
    "pay": Payment,
    "refund": Refund,
    "refunded": Refund,
    "settle": Statement,
    "collect": Statement,
    "carry": Statement,
    "write-off": Statement,
    "payout": Payout,
    "payout-returned": Payout,
}
"""Events whose key names a row of this room by its number."""
_namers: dict[str, Namer] = {}


def register_namer(subject: str, namer: Namer) -> None:
    """Let ``namer`` turn ids of ``subject`` into names, all ids of a page at once."""
    _namers[subject] = namer


def names_of(subject: str, ids: Collection[int]) -> dict[int, str]:
    """How the rows of ``subject`` with these ids are called."""
    return {pk: named.text for pk, named in _named(subject, ids).items()}


def _named(subject: str, ids: Collection[int]) -> dict[int, Named]:
    return _namers[subject](ids) if ids and subject in _namers else {}


def name_transactions(transactions: Iterable[LedgerTransaction]) -> None:
    """Write what each transaction is about into its ``about`` (Named) and ``subject_text``.

    One query for each kind of subject among them.
    """
    rows = [(row, row, _subject(row)) for row in transactions]
    _write(rows)


def name_entries(entries: Iterable[LedgerEntry]) -> None:
    """Write what each entry (transaction joined) is about, as `name_transactions` does."""
    rows = [(row, row.transaction, _subject(row.transaction, row.voucher_ref)) for row in entries]
    _write(rows)


def _write(rows: Collection[tuple[Any, LedgerTransaction, Subject]]) -> None:
    names = _look_up(subject for _row, _event, subject in rows if subject)
    numbered = _by_number(event for _row, event, subject in rows if subject not in names)
    for row, event, subject in rows:
        number = _number(event)
        named = names.get(subject) or numbered.get((event.kind, number)) or Named(number)
        row.about, row.subject_text = named, named.text


def _by_number(events: Iterable[LedgerTransaction]) -> dict[tuple[str, str], Named]:
    """What is known by its number in this room: a query for each table."""
    wanted: dict[Any, set[str]] = defaultdict(set)
    events = [event for event in events if event.kind in NUMBERED]
    for event in events:
        wanted[NUMBERED[event.kind]].add(_number(event))
    ids = {
        model: dict(model.objects.filter(number__in=numbers).values_list("number", "pk"))
        for model, numbers in wanted.items()
    }
    found = {}
    for event in events:
        model, number = NUMBERED[event.kind], _number(event)
        if number in ids[model]:
            page = model._meta.label_lower.replace(".", "_")
            found[event.kind, number] = Named(number, page, ids[model][number])
    return found


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
        subject: names[ids[subject]].text if ids.get(subject) in names else key or noun
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


def _look_up(subjects: Iterable[tuple[str, int]]) -> dict[Subject, Named]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for subject, pk in subjects:
        wanted[subject].add(pk)
    return {
        (subject, pk): name
        for subject, ids in wanted.items()
        for pk, name in _named(subject, ids).items()
    }
