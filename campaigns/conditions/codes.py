"""Conditions about whence a guest comes: the code that is frozen with the order."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from campaigns.conditions.base import ConditionKind, Said, no_names
from campaigns.models import Condition
from stores.codes.models import Code

MOST_NAMED = 50


def _check(merchant_id: int, said: Said) -> str:
    known = Code.objects.filter(merchant=merchant_id, pk__in=said.keys).count()
    if not 0 < known == len(set(said.keys)) <= MOST_NAMED:
        return gettext("Choose codes of this business, %(most)d at most.") % {"most": MOST_NAMED}
    return ""


def _word(said: Said, names: Sequence[str]) -> str:
    """What codes are called is the business's own affair."""
    return gettext("For guests who followed its code or link.")


CODES = ConditionKind(Condition.Kind.CODES, _check, no_names, _word)
