"""Prices that look like a slip of the hand: they are asked about before they are saved."""

from __future__ import annotations

from django.utils.translation import gettext as _

from kernel.http.templatetags.fmt import fen

TIMES = 10
"""A price this many times the former one, or this part of it, is a comma out of place."""


def price_question(
    *, price_fen: int, list_price_fen: int | None, former_fen: int | None = None
) -> str:
    """The sentence that asks about a price, or "" for one that needs no question.

    ``list_price_fen``: what the same costs at the counter. ``former_fen``: what it cost online
    until now (for a limited-time price: what it costs beside it); None when there is none.
    Nothing is refused here: who is asked may say yes.
    """
    facts = {"price": fen(price_fen), "list": fen(list_price_fen), "former": fen(former_fen)}
    if list_price_fen is not None and price_fen > list_price_fen:
        return _("%(price)s is above the list price of %(list)s.") % facts
    if former_fen and price_fen >= former_fen * TIMES:
        return _("%(price)s is ten times the price of %(former)s, or more.") % facts
    if former_fen and price_fen * TIMES <= former_fen:
        return _("%(price)s is a tenth of the price of %(former)s, or less.") % facts
    return ""
