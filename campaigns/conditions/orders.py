"""Conditions about the order; what is true of it, the room of orders knows."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext

from campaigns.conditions.base import ConditionKind, Said, no_names
from campaigns.models import Condition
from kernel.http.templatetags.fmt import fen
from kernel.money import MAX_AMOUNT_FEN

MOST_PIECES = 999


def _check_minimum(merchant_id: int, said: Said) -> str:
    if not 0 < (said.amount_fen or 0) <= MAX_AMOUNT_FEN:
        return gettext("Enter an amount above zero, or leave it empty.")
    return ""


def _check_pieces(merchant_id: int, said: Said) -> str:
    if not 1 <= (said.count or 0) <= MOST_PIECES:
        text = gettext("Between 1 and %(most)d pieces, or leave it empty.")
        return text % {"most": MOST_PIECES}
    return ""


def _check_nothing(merchant_id: int, said: Said) -> str:
    return ""


def _word_minimum(said: Said, names: Sequence[str]) -> str:
    return ""


def _word_before(said: Said, names: Sequence[str]) -> str:
    return gettext("From %(amount)s on, before other discounts.") % {"amount": fen(said.amount_fen)}


def _word_pieces(said: Said, names: Sequence[str]) -> str:
    text = ngettext("From %(count)d piece on.", "From %(count)d pieces on.", said.count or 0)
    return text % {"count": said.count or 0}


def _word_first(said: Said, names: Sequence[str]) -> str:
    return gettext("For your first order at this business.")


def _word_first_ever(said: Said, names: Sequence[str]) -> str:
    return gettext("For your very first order, at any business.")


Kind = Condition.Kind
MINIMUM = ConditionKind(Kind.MINIMUM, _check_minimum, no_names, _word_minimum)
MINIMUM_BEFORE = ConditionKind(Kind.MINIMUM_BEFORE, _check_minimum, no_names, _word_before)
PIECES = ConditionKind(Kind.PIECES, _check_pieces, no_names, _word_pieces)
FIRST_ORDER = ConditionKind(Kind.FIRST_ORDER, _check_nothing, no_names, _word_first)
FIRST_EVER = ConditionKind(Kind.FIRST_EVER, _check_nothing, no_names, _word_first_ever)
