"""What became of the rules of price, for the pages that show a total."""

from __future__ import annotations

from typing import Any

from django import template

from orders.pricing.quotes import Quote
from orders.pricing.wording import word_answer

register = template.Library()
NEAR = {"below_minimum", "below_minimum_before", "too_few_pieces", "gift_missing"}
"""Why not, where the buyer can still get there."""


@register.inclusion_tag("orders/_answers.html")
def price_answers(quote: Quote) -> dict[str, Any]:
    """Every rule, coupon and code of a quote with its sentence: applied ones, near ones, the others."""
    told = [(answer, word_answer(answer)) for answer in quote.answers]
    return {"answers": sorted(told, key=_place)}


def _place(told: tuple[Any, str]) -> int:
    answer, _sentence = told
    return 0 if answer.applied else 1 if answer.code in NEAR else 2
