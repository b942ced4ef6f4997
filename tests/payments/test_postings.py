"""The table of docs/money.md is what the ledger does: each row is called and compared."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import IntegrityError, transaction

from payments.models import Account, LedgerEntry, LedgerTransaction
from payments.parties import MERCHANT, Party
from payments.services import moves, postings
from tests.factories import make_merchant

ROOT = Path(__file__).parents[2]
LEDGER, POSTINGS = "payments/services/ledger.py", "payments/services/postings.py"
OLDER_SHOP = "tools/bench/older_shop.py"  # as another release wrote them, in another database
ROOMS = [
    *(
        "kernel",
        "stores",
        "members",
        "messages",
        "catalog",
        "payments",
        "vouchers",
        "orders",
        "reviews",
    ),
    *("insights", "console", "o2o", "demo", "tools"),
]

# What a row calls an amount, and the argument that carries it.
AMOUNTS = {
    "amount": "amount_fen",
    "amount of each voucher and fee": "amount_fen",
    "earned": "earned_fen",
    "tenders": "tenders_fen",
    "unused tenders": "tenders_fen",
    "platform part": "platform_fen",
    "partner part": "partner_fen",
    "points part": "points_fen",
    "funded": "funded_fen",
    "commission": "commission_fen",
    "referral": "referral_fen",
    "due": "due_fen",
    "net": "net_fen",
    "fees": "fees_fen",
}
SAMPLES: dict[str, Any] = {
    "payment_number": "P61",
    "refund_number": "R62",
    "redemption_id": 63,
    "voucher_id": 64,
    "statement_number": "S65",
    "payout_number": "O66",
    "gateway": "sandbox",
    "day": dt.date(2026, 11, 28),
    "amount_fen": 10_001,
    "tenders_fen": 3_001,
    "platform_fen": 1_002,
    "partner_fen": 603,
    "points_fen": 404,
    "funded_fen": 1_002 + 603 + 404,
    "commission_fen": 409,
    "referral_fen": 55,
    "due_fen": 777,
    "return_id": 66,
    "rebate_id": 67,
    "earned_fen": 3_420,
    "net_fen": 3_420 - 409,
    "custodian": "sandbox",
    "fees_fen": 67,
}


Place = tuple[str, str]
"""An account and the custodian in brackets behind it, "" for its own."""


class Row(NamedTuple):
    """One row of the table: the event, its function, its key, what moves on each side."""

    event: str
    posting: str
    key: str
    debit: list[tuple[Place, str]]
    credit: list[tuple[Place, str]]


class Nature(NamedTuple):
    """What entries of an account say, by the chart of accounts."""

    party: str
    custodian: str
    subjects: set[str]


def table(text: str, *heads: str) -> Iterator[list[str]]:
    """The cells of each row of the one table whose columns begin with ``heads``."""
    lines = iter(text.splitlines())
    for line in lines:
        if _cells(line)[: len(heads)] == list(heads):
            break
    next(lines, None)
    for line in lines:
        if not line.startswith("|"):
            return
        yield _cells(line)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def _row(cells: list[str]) -> Row:
    event, posting, key, debit, credit = cells
    first_key = re.match(r"`([^`]+)`", key)
    assert first_key, f"{event}: no key"
    return Row(event, posting.strip("`"), first_key[1], _side(debit), _side(credit))


def _side(cell: str) -> list[tuple[Place, str]]:
    """ "escrow: value, payable (books): commission"; words without a colon only explain."""
    found = re.findall(r"(\w+)(?: \((\w+)\))?: ([\w ]+)", cell)
    return [((account, custodian), amount.strip()) for account, custodian, amount in found]


def _nature(cells: list[str]) -> tuple[str, Nature]:
    account, party, custodian, subjects = cells
    return account.strip("`"), Nature(party, custodian.split(";")[0], set(subjects.split(", ")))


def functions(module: Any) -> dict[str, Callable[..., None]]:
    """The public functions that ``module`` itself defines."""
    found = inspect.getmembers(module, inspect.isfunction)
    return {
        name: function
        for name, function in found
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


BOOK = (ROOT / "docs/money.md").read_text(encoding="utf-8")
TABLE = [_row(cells) for cells in table(BOOK, "event", "posting")]
CHART = dict(_nature(cells) for cells in table(BOOK, "account", "party"))
OWN = {"bank": "bank", "books": "books"}


def samples_for(posting: Callable[..., None]) -> dict[str, Any]:
    """Arguments for a function, by the names of its parameters."""
    merchant_id = make_merchant().pk
    sold = [moves.Sold(71, merchant_id, 6_001), moves.Sold(72, merchant_id, 3_400)]
    owed = [moves.Owed("sandbox", 3_420), moves.Owed("books", -409)]
    known = SAMPLES | {
        "merchant_id": merchant_id,
        "vouchers": sold,
        "fees": [moves.Charged(73, Party(MERCHANT, merchant_id), 600)],
        "owed": owed,
        "parts": _parts(posting),
        "fee": moves.Fee(make_merchant().pk, SAMPLES["referral_fen"]),
    }
    return {name: known[name] for name in inspect.signature(posting).parameters}


def _parts(posting: Callable[..., None]) -> list[Any]:
    """Two tenders of one gateway, and where funders take part the platform, points, a partner."""
    back = posting in (postings.refund_unused, postings.return_redeemed)
    number = {"refund_number": SAMPLES["refund_number"]} if back else {}
    kind: Any = moves.Back if back else moves.Part
    tenders = [kind("sandbox", fen, **number) for fen in (3_000, 1)]
    if posting in (postings.refund_unused, postings.forfeit):
        return tenders
    funders = {
        "platform": SAMPLES["platform_fen"],
        f"merchant:{make_merchant().pk}": SAMPLES["partner_fen"],
        "points": SAMPLES["points_fen"],
    }
    return [*tenders, *(kind("books", fen, party) for party, fen in funders.items())]


def key_of(pattern: str) -> str:
    """ "redeem:REDEMPTION" with the sample of each word in capitals."""

    def sample(word: re.Match[str]) -> str:
        name = word[0].lower()
        return str(next(SAMPLES[n] for n in (f"{name}_number", f"{name}_id", name) if n in SAMPLES))

    return re.sub(r"[A-Z]+", sample, pattern)


def amounts(side: list[tuple[Place, str]]) -> dict[Place, int]:
    """What moves at each account and custodian; the account's own where the row names none."""
    sums: Counter[Place] = Counter()
    for (account, custodian), words in side:
        place = (account, custodian or OWN.get(CHART[account].custodian, "sandbox"))
        sums[place] += SAMPLES[AMOUNTS[words]]
    return dict(sums)


def side_of(entries: list[LedgerEntry], sign: int) -> dict[Place, int]:
    sums: Counter[Place] = Counter()
    for entry in entries:
        if entry.amount_fen * sign > 0:
            sums[entry.account, entry.custodian] += entry.amount_fen * sign
    return dict(sums)


def subject_of(word: str) -> set[str]:
    """The subjects that the samples give for a word of the chart, "voucher:64"."""
    if word == "bill":
        return {"bill:sandbox:2026-11-28"}
    if word == "voucher":
        return {"voucher:64", "voucher:71", "voucher:72"}
    if word == "line":
        return {"line:73"}
    return {f"{word}:{SAMPLES[f'{word}_number']}"}


def purposes_of(row: Row) -> set[str]:
    if row.key.partition(":")[0] in {
        *("settle", "payout", "payout-returned", "collect", "carry", "write-off")
    }:
        return {"net"}
    words = {words for _place, words in [*row.debit, *row.credit]}
    purposes = {"commission": "commission", "fees": "fee", "referral": "referral"}
    found = {purposes.get(word, "value") for word in words}
    dues = (("payable", "books"), "partner part") in [*row.debit, *row.credit]
    return found | ({"dues"} if dues else set())


def test_each_row_of_the_table_is_one_function_and_each_function_one_row() -> None:
    named = [row.posting for row in TABLE]
    assert sorted(named) == sorted(functions(postings))


def test_a_posting_takes_names_only_and_says_its_key() -> None:
    for row in TABLE:
        posting = getattr(postings, row.posting)
        kinds = {parameter.kind for parameter in inspect.signature(posting).parameters.values()}
        assert kinds == {inspect.Parameter.KEYWORD_ONLY}, row.posting
        assert f"``{row.key}``" in (posting.__doc__ or ""), row.posting


@pytest.mark.django_db
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.posting)
def test_a_posting_moves_what_its_row_says(row: Row) -> None:
    posting = getattr(postings, row.posting)
    posting(**samples_for(posting))
    event = LedgerTransaction.objects.get()
    entries = list(event.entries.all())
    assert event.key == key_of(row.key)
    assert event.kind == row.key.partition(":")[0]
    assert side_of(entries, +1) == amounts(row.debit)
    assert side_of(entries, -1) == amounts(row.credit)
    for custodian in {entry.custodian for entry in entries}:
        assert sum(e.amount_fen for e in entries if e.custodian == custodian) == 0, custodian
    assert sum(e.amount_fen for e in entries if e.account == Account.CLEARING) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.posting)
def test_a_posting_says_whose_what_about_and_why_as_the_chart_has_it(row: Row) -> None:
    posting = getattr(postings, row.posting)
    posting(**samples_for(posting))
    entries = list(LedgerEntry.objects.all())
    for entry in entries:
        nature = CHART[entry.account]
        party = f"merchant:{entry.merchant_id}" if nature.party == "merchant" else "platform"
        assert entry.party == party, entry.account
        assert entry.subject in set[str]().union(*map(subject_of, nature.subjects)), entry.account
        if entry.subject.startswith("voucher:"):
            assert entry.subject == f"voucher:{entry.voucher_ref}"
    assert {entry.purpose for entry in entries} == purposes_of(row)


def test_the_chart_has_every_account() -> None:
    assert sorted(CHART) == sorted(Account.values)


@pytest.mark.django_db
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.posting)
def test_a_posting_is_one_statement_and_never_comes_twice(
    row: Row, django_assert_num_queries: Any
) -> None:
    posting = getattr(postings, row.posting)
    arguments = samples_for(posting)
    reads = 1 if posting is postings.gateway_fees else 0
    with django_assert_num_queries(1 + reads):
        posting(**arguments)
    if posting is postings.gateway_fees:
        posting(**arguments)  # the same bill again adds nothing
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            posting(**arguments)
    assert LedgerTransaction.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["redeem", "undo", "release"])
def test_uses_worth_nothing_are_not_in_the_ledger(name: str) -> None:
    posting = getattr(postings, name)
    parts = [part._replace(amount_fen=0) for part in _parts(posting)]
    arguments = samples_for(posting) | {"parts": parts}
    if "commission_fen" in arguments:
        arguments |= {"commission_fen": 0, "fee": moves.NO_FEE}
    posting(**arguments)
    assert not LedgerTransaction.objects.exists()


@pytest.mark.django_db
def test_a_payment_that_is_not_its_vouchers_prices_is_refused() -> None:
    arguments = samples_for(postings.pay) | {"amount_fen": 10_002}
    with pytest.raises(ValueError, match="unbalanced"):
        postings.pay(**arguments)


@pytest.mark.django_db
def test_a_corrected_bill_adds_and_takes_away_under_keys_of_its_own() -> None:
    for fees_fen in (67, 70, 70, 61):
        postings.gateway_fees(gateway="sandbox", day=dt.date(2026, 11, 28), fees_fen=fees_fen)
    booked = LedgerEntry.objects.filter(account="fees").order_by("pk")
    assert list(booked.values_list("transaction__key", "amount_fen")) == [
        ("fees:sandbox:2026-11-28", 67),
        ("fees:sandbox:2026-11-28:2", 3),
        ("fees:sandbox:2026-11-28:3", -9),
    ]


# Who may write the ledger.


def writes_to_the_ledger(source: str) -> list[str]:
    """What in a module makes entries: the ledger's own tools, its models, or SQL."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "payments.services.ledger":
            found += [name.name for name in node.names if name.name in {"post", "Entry", "*"}]
        elif isinstance(node, ast.ImportFrom) and node.module == "payments.services":
            found += [name.name for name in node.names if name.name == "ledger"]
        elif isinstance(node, ast.Import):
            found += [name.name for name in node.names if name.name == "payments.services.ledger"]
        elif isinstance(node, ast.Call):
            found += _makes_rows(ast.unparse(node.func))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += re.findall(r"(?:INSERT INTO|COPY) payments_ledger\w+", node.value)
    return found


def _makes_rows(called: str) -> list[str]:
    makes = re.search(
        r"\bLedger(?:Entry|Transaction)(?:\.objects\.\w*create)?$|\bentries\.\w*create$", called
    )
    return [called] if makes else []


def test_only_postings_writes_entries() -> None:
    found = {
        str(path.relative_to(ROOT)): writes
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts
        and (writes := writes_to_the_ledger(path.read_text(encoding="utf-8")))
    }
    assert sorted(found) == [LEDGER, POSTINGS, OLDER_SHOP], found


@pytest.mark.parametrize(
    "source",
    [
        "from payments.services.ledger import Entry, merchant_balance",
        "from payments.services.ledger import post as book",
        "from payments.services import ledger\nledger.post(kind='tip')",
        "import payments.services.ledger as books",
        "LedgerEntry.objects.bulk_create(rows)",
        "models.LedgerTransaction(kind='pay')",
        "event.entries.create(amount_fen=1)",
        "cursor.execute('INSERT INTO payments_ledgerentry SELECT 1')",
    ],
)
def test_every_way_round_postings_is_seen(source: str) -> None:
    assert writes_to_the_ledger(source)


def test_reading_the_ledger_is_free() -> None:
    source = (
        "from payments.services.ledger import merchant_balance\n"
        "from payments.services import postings\n"
        "LedgerEntry.objects.filter(account='fees')\nclient.post('/x')\nEntry('/help/')"
    )
    assert not writes_to_the_ledger(source)
