"""Conditions about the order; what is true of it, the room of orders knows."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from campaigns.conditions.base import ConditionKind, Said, no_names
from campaigns.models import Condition
from kernel.money import MAX_AMOUNT_FEN


def _check_minimum(merchant_id: int, said: Said) -> str:
    if not 0 < (said.amount_fen or 0) <= MAX_AMOUNT_FEN:
        return gettext("Enter an amount above zero, or leave it empty.")
    return ""


def _check_nothing(merchant_id: int, said: Said) -> str:
    return ""


def _word_minimum(said: Said, names: Sequence[str]) -> str:
    return ""


def _word_first(said: Said, names: Sequence[str]) -> str:
    return gettext("For your first order at this business.")


MINIMUM = ConditionKind(Condition.Kind.MINIMUM, _check_minimum, no_names, _word_minimum)
FIRST_ORDER = ConditionKind(Condition.Kind.FIRST_ORDER, _check_nothing, no_names, _word_first)
