"""A merchant's statement as a PDF: `statement.typ`, its sums on the first page, then every entry."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext, ngettext, pgettext

from kernel.clock import now
from kernel.http.templatetags.fmt import date_local, datetime_local, fen
from kernel.paper.sheets import CONTENT_TYPES, draw
from payments.days import SHANGHAI
from payments.models import LedgerEntry, Statement
from payments.subjects import name_entries
from payments.wording import signed, word_entry

MOST_LINES = 3000
"""What some seventy pages hold; a statement with more lists the first ones and says how many it leaves out."""

_AS_WIDE = str.maketrans(dict.fromkeys("123456789", "0"))


def statement_response(statement: Statement, *, site: str) -> HttpResponse:
    """The sheet as an answer that no cache keeps. Raises PaperBusy, PaperFailed."""
    response = HttpResponse(draw_statement(statement, site=site), content_type=CONTENT_TYPES["pdf"])
    name = content_disposition_header(False, f"{statement.number}.pdf")
    response["Content-Disposition"] = name or "inline"
    response["Cache-Control"] = "private, no-store"
    return response


def draw_statement(statement: Statement, *, site: str) -> bytes:
    """The statement (merchant joined) as a PDF in the reader's language; four queries and one per
    kind of thing that its entries are about. Raises PaperBusy, PaperFailed.
    """
    entries = LedgerEntry.objects.filter(settlement_line__statement=statement)
    rows = list(
        entries.select_related("transaction").order_by("settlement_line__pk")[: MOST_LINES + 1]
    )
    more = entries.count() - MOST_LINES if len(rows) > MOST_LINES else 0
    rows = rows[:MOST_LINES]
    name_entries(rows)
    lines = [_line(row) for row in rows]
    data = {
        "site": site,
        "title": gettext("Settlement statement %(number)s") % {"number": statement.number},
        "merchant": statement.merchant.name,
        "facts": _facts(statement),
        "sums": _sums(statement),
        "net": [capfirst(_net_label(statement)), fen(statement.net_fen, "exact")],
        "payouts": _payouts(statement),
        "lines": lines,
        "shapes": shapes_of(lines),
        "more": ngettext(
            "%(count)d more entry is in the back office.",
            "%(count)d more entries are in the back office.",
            more,
        )
        % {"count": more}
        if more
        else "",
        "drawn": gettext("Drawn on %(when)s.") % {"when": datetime_local(now(), SHANGHAI)},
        "labels": {
            "entries": gettext("Entries"),
            "when": capfirst(pgettext("column", "when")),
            "what": capfirst(gettext("what happened")),
            "about": capfirst(gettext("about")),
            "amount": capfirst(gettext("amount")),
            "payouts": gettext("Payouts"),
            "page": pgettext("of a sheet", "page"),
        },
    }
    return draw("payments/statement", data, "pdf", language=get_language() or "en")


def _facts(statement: Statement) -> list[list[str]]:
    facts = [
        [gettext("day"), date_local(statement.day)],
        [gettext("up to"), datetime_local(statement.cutoff_at, SHANGHAI)],
        [gettext("state"), str(statement.get_state_display())],
    ]
    if statement.collected_reference:
        facts.append([gettext("bank reference"), statement.collected_reference])
    return [[capfirst(label), value] for label, value in facts]


def _sums(statement: Statement) -> list[list[str]]:
    """What the net is the sum of; a kind of money that did not move has no line."""
    sums = [
        (gettext("redeemed"), statement.gross_fen, True),
        (gettext("commission"), -statement.commission_fen, True),
        (gettext("returned to customers"), -statement.returns_fen, False),
        (gettext("part of others' discounts"), -statement.dues_fen, False),
        (gettext("referral fees"), statement.referral_fen, False),
        (gettext("owed by statements before"), -statement.carried_fen, False),
    ]
    return [[capfirst(label), signed(amount)] for label, amount, always in sums if always or amount]


def _net_label(statement: Statement) -> str:
    if statement.net_fen == 0:
        return gettext("nothing to pay")
    return gettext("to be collected") if statement.net_fen < 0 else gettext("to be paid out")


def _payouts(statement: Statement) -> list[list[str]]:
    rows = statement.payouts.order_by("-pk")
    return [
        [
            row.number,
            datetime_local(row.sent_at, SHANGHAI),
            row.bank_reference,
            str(row.get_state_display()),
            fen(row.amount_fen, "exact"),
        ]
        for row in rows
    ]


def _line(entry: Any) -> list[str]:
    moment = datetime_local(entry.transaction.occurred_at, SHANGHAI)
    return [moment, word_entry(entry), entry.subject_text, signed(-entry.amount_fen)]


def shapes_of(lines: list[list[str]]) -> list[list[str]]:
    """Of the columns that are as wide as their widest cell (when, what, amount): the different cells there are.

    Digits are as wide as each other, so one stands for all: few shapes are left to be measured.
    """
    return [sorted({line[column].translate(_AS_WIDE) for line in lines}) for column in (0, 1, 3)]
