"""What a price may be compared with, struck through beside it. One rule for lists, pages, basket and API.

A price that was lowered, or that is limited in time, is compared with the lowest price before it
(`Offer.was_fen`) and with nothing else. A standing price may be compared with what its contents
cost one by one at the counter: the list price, where they come to it (docs/prices.md).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from catalog.models import Offer, Product
from kernel.bounds import is_whole
from kernel.money import MAX_AMOUNT_FEN


def contents_fen(included: Any) -> int:
    """What the contents cost one by one, as far as their values are said. `COUNTER_PRICE` says it in SQL."""
    lines = included if isinstance(included, list) else []
    return sum(_line_fen(line) for line in lines if isinstance(line, dict))


def _line_fen(line: dict[str, Any]) -> int:
    value_fen: Any = line.get("value_fen")
    quantity: Any = line.get("quantity", 1)
    if not is_whole(value_fen, 0, MAX_AMOUNT_FEN) or not is_whole(quantity, 0, MAX_AMOUNT_FEN):
        return 0
    return int(value_fen) * int(quantity)


def counter_fen(product: Product) -> int | None:
    """The list price where the contents come to it; None for one that nothing stands behind."""
    known = product.list_price_fen <= contents_fen(product.included)
    return product.list_price_fen if known else None


def compared_fen(offer: Offer, moment: dt.datetime) -> int | None:
    """What is struck through beside the price of an offer (product joined) at ``moment``; None: nothing."""
    prior = offer.prior_fen(moment)
    if prior is None and not offer.is_limited:
        prior = counter_fen(offer.product)
    return prior if prior is not None and prior > offer.price_fen else None


COUNTER_PRICE = """
CASE WHEN product.list_price_fen <= (
    SELECT sum((line->>'value_fen')::numeric
        * CASE WHEN jsonb_typeof(line->'quantity') = 'number' THEN (line->>'quantity')::numeric ELSE 1 END)
    FROM jsonb_array_elements(
        CASE WHEN jsonb_typeof(product.included) = 'array' THEN product.included ELSE '[]' END
    ) line WHERE jsonb_typeof(line->'value_fen') = 'number'
) THEN product.list_price_fen END
"""
