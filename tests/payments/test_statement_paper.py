"""A statement as a PDF: it says what the books say, on as many pages as that takes."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from kernel import clock
from payments.models import SettlementLine, Statement
from payments.paper import statement as paper
from payments.services.payouts import send_payout
from payments.services.settlement import settle_merchant
from stores.models import Merchant
from tests.factories import make_merchant
from tests.payments.books import earn, shanghai, take_back
from tests.pdf import Read, read_pdf

DAY = dt.date(2026, 5, 1)
pytestmark = pytest.mark.django_db


def settle(merchant: Merchant, day: dt.date = DAY) -> Statement:
    statement = settle_merchant(merchant_id=merchant.pk, day=day, cutoff_at=shanghai(day, 23))
    assert statement is not None
    return Statement.objects.select_related("merchant").get(pk=statement.pk)


def statement_of(merchant: Merchant, *, entries: int = 1) -> Statement:
    with clock.at(shanghai(DAY, 12)):
        for number in range(entries):
            earn(merchant, 10_000 + number)
        take_back(merchant, 2_000)
    return settle(merchant)


def read(statement: Statement, language: str = "en") -> Read:
    with translation.override(language):
        return read_pdf(paper.draw_statement(statement, site="Linli"))


def flat(text: str) -> str:
    return " ".join(text.split())


def amounts_in(text: str) -> list[int]:
    """Every amount with a sign, in fen."""
    found = re.findall(r"([+−])¥([\d,]+)\.(\d\d)", text)
    return [
        int(f"{yuan.replace(',', '')}{fen}") * (1 if sign == "+" else -1)
        for sign, yuan, fen in found
    ]


def test_it_says_what_the_statement_comes_to_and_of_what() -> None:
    merchant = make_merchant(name_en="Harbour #panic() $x$", name_zh="")
    statement = statement_of(merchant)
    text = flat(read(statement).text)
    for said in (
        f"Settlement statement {statement.number}",
        "Harbour #panic() $x$",
        "1 May 2026",
        "Day 1 May 2026 Up to 1 May 2026",
        "Redeemed +¥100.00",
        "Commission −¥8.00",
        "Returned to customers −¥20.00",
        "To be paid out ¥72.00",
        "1 May 2026, 12:00 Release",
        "Commission given back",
    ):
        assert said in text
    assert "referral" not in text, "what did not move has no line"


def test_its_lines_add_up_to_its_net() -> None:
    statement = statement_of(make_merchant(), entries=4)
    entries = read(statement).text.partition("Amount")[2]
    amounts = amounts_in(entries)
    lines = SettlementLine.objects.filter(statement=statement)
    assert len(amounts) == lines.count()
    booked = -(lines.aggregate(fen=Sum("entry__amount_fen"))["fen"] or 0)
    assert sum(amounts) == statement.net_fen == booked


def test_its_sums_add_up_to_its_net_also_where_it_takes_in_what_was_owed() -> None:
    merchant = make_merchant()
    with clock.at(shanghai(DAY, 12)):
        take_back(merchant, 2_000)
    settle(merchant)
    following = DAY + dt.timedelta(days=1)
    with clock.at(shanghai(following, 12)):
        earn(merchant, 10_000)
    statement = settle(merchant, following)
    assert (statement.carried_fen, statement.net_fen) == (1_800, 7_200)
    after = flat(read(statement).text).partition("Redeemed")[2]
    sums = after.partition("To be paid out")[0]
    assert "Owed by statements before −¥18.00" in sums
    assert sum(amounts_in(sums)) == statement.net_fen


def test_a_statement_of_nothing_says_that_there_is_nothing_to_pay() -> None:
    merchant = make_merchant()
    with clock.at(shanghai(DAY, 12)):
        earn(merchant, 2_000)
        take_back(merchant, 2_000)
    text = flat(read(settle(merchant)).text)
    assert "Nothing to pay ¥0.00" in text and "to be paid out" not in text


def test_a_long_statement_goes_on_with_its_head_on_every_page() -> None:
    pages = read(statement_of(make_merchant(), entries=60)).pages
    assert len(pages) >= 3
    assert all("What happened" in page and "Amount" in page for page in pages)
    assert all(f"{number} / {len(pages)}" in page for number, page in enumerate(pages, 1))


def test_what_is_too_long_for_paper_says_how_much_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    statement = statement_of(make_merchant(), entries=10)
    count = SettlementLine.objects.filter(statement=statement).count()
    monkeypatch.setattr(paper, "MOST_LINES", count - 1)
    assert "1 more entry is in the back office." in flat(read(statement).text)
    monkeypatch.setattr(paper, "MOST_LINES", count)
    assert "in the back office" not in flat(read(statement).text)


def test_it_tells_how_it_was_paid_in_the_readers_language() -> None:
    merchant = make_merchant(name_zh="港湾小馆")
    statement = statement_of(merchant)
    send_payout(statement_id=statement.pk, sent_by=None, bank_reference="BOC-77")
    statement.refresh_from_db()
    chinese = read(statement, "zh-hans")
    assert "港湾小馆" in chinese.text and "BOC-77" in chinese.text
    with translation.override("zh-hans"):
        assert str(statement.get_state_display()) in chinese.text
        assert flat(translation.gettext("to be paid out")) in flat(chinese.text)
    assert "BOC-77" in flat(read(statement).text)


def test_the_number_of_queries_does_not_grow_with_the_entries() -> None:
    counts = []
    for entries in (1, 40):
        statement = statement_of(make_merchant(), entries=entries)
        with CaptureQueriesContext(connection) as queries:
            paper.draw_statement(statement, site="Linli")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5


def test_a_statement_without_entries_shows_no_empty_table() -> None:
    statement = statement_of(make_merchant())
    assert "Entries" in read(statement).text
    SettlementLine.objects.filter(statement=statement).delete()
    text = read(statement).text
    assert "Entries" not in text and statement.number in text


def test_of_cells_that_differ_in_their_digits_one_is_measured() -> None:
    lines = [["1 May, 12:00", "Redeemed", "a", "+¥10.00"], ["2 May, 13:59", "Paid", "b", "+¥99.95"]]
    assert paper.shapes_of(lines) == [["0 May, 00:00"], ["Paid", "Redeemed"], ["+¥00.00"]]
    assert paper.shapes_of([]) == [[], [], []]
