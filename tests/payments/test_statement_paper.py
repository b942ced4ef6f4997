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


def settle(merchant: Merchant) -> Statement:
    statement = settle_merchant(merchant_id=merchant.pk, day=DAY, cutoff_at=shanghai(DAY, 23))
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


def test_it_says_what_the_statement_comes_to_and_of_what() -> None:
    merchant = make_merchant(name_en="Harbour #panic() $x$", name_zh="")
    statement = statement_of(merchant)
    text = flat(read(statement).text)
    for said in (
        f"Settlement statement {statement.number}",
        "Harbour #panic() $x$",
        "1 May 2026",
        "redeemed +¥100.00",
        "commission −¥8.00",
        "returned to customers −¥20.00",
        "to be paid out ¥72.00",
        "1 May 2026, 12:00 Release",
        "Commission given back",
    ):
        assert said in text
    assert "referral" not in text, "what did not move has no line"


def test_its_lines_add_up_to_its_net() -> None:
    statement = statement_of(make_merchant(), entries=4)
    entries = read(statement).text.partition("amount")[2]
    amounts = re.findall(r"([+−])¥([\d,]+)\.(\d\d)", entries)
    lines = SettlementLine.objects.filter(statement=statement)
    assert len(amounts) == lines.count()
    total = sum(
        int(f"{yuan.replace(',', '')}{fen}") * (1 if sign == "+" else -1)
        for sign, yuan, fen in amounts
    )
    assert (
        total == statement.net_fen == -(lines.aggregate(fen=Sum("entry__amount_fen"))["fen"] or 0)
    )


def test_a_long_statement_goes_on_with_its_head_on_every_page() -> None:
    pages = read(statement_of(make_merchant(), entries=60)).pages
    assert len(pages) >= 3
    assert all("what happened" in page and "amount" in page for page in pages)
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
