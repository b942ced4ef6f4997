"""The lowest running price of a variant: a line is sold at it, whichever of its offers was asked for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from catalog.models import Offer, OfferPurchase

_COLUMNS = (
    *("id", "kind", "price_fen", "quota", "quota_sold", "per_person_limit", "ends_at"),
    *("was_fen", "was_until"),
)


def cheaper_offers(moment: dt.datetime, *, offer: str, buyer: Any) -> ArraySubquery:
    """A column of rows that `sell_at_lowest` reads: what runs cheaper for the same variant at ``moment``.

    ``offer`` is the path to the offer that was asked for ("" for the row itself, else with "__");
    ``buyer`` an id, or a reference to one from within two subqueries. No statement of its own.
    """
    held = OfferPurchase.objects.filter(offer=OuterRef("pk"), buyer=buyer)
    rivals = Offer.objects.running(moment).filter(
        variant=OuterRef(f"{offer}variant_id"),
        price_fen__lt=OuterRef(f"{offer}price_fen"),
        has_line=False,
    )
    facts = {name: name for name in _COLUMNS}
    row = JSONObject(**facts, bought=Subquery(held.values("quantity")[:1]))
    return ArraySubquery(rivals.order_by("price_fen", "id").values(row=row))


def sell_at_lowest(
    wanted: Sequence[tuple[Offer, list[dict[str, Any]], int]],
) -> list[Offer]:
    """The offer that each ``(offer, its rows of cheaper_offers, quantity)`` is sold at, in their order.

    It is the cheapest one whose quota and limit per person take the whole line beside the other
    lines of the order; the one that was asked for where there is none. A line has one price.
    """
    if not any(rows for _offer, rows, _quantity in wanted):
        return [offer for offer, _rows, _quantity in wanted]
    taken = Counter[int]()
    for offer, _rows, quantity in wanted:
        taken[offer.pk] += quantity
    sold = []
    for offer, rows, quantity in wanted:
        row = next((row for row in rows if _takes(row, taken[row["id"]] + quantity)), None)
        if row is not None:
            taken[offer.pk] -= quantity
            taken[row["id"]] += quantity
        sold.append(_as_offer(row, offer) if row else offer)
    return sold


def _takes(row: dict[str, Any], quantity: int) -> bool:
    """Whether so many pieces of one order fit into what is left of quota and limit."""
    quota, limit = row["quota"], row["per_person_limit"]
    return (quota is None or row["quota_sold"] + quantity <= quota) and (
        limit is None or (row["bought"] or 0) + quantity <= limit
    )


def _as_offer(row: dict[str, Any], asked: Offer) -> Offer:
    """The offer of a row, of the same variant and product as the one that was asked for."""
    facts = {name: row[name] for name in _COLUMNS}
    for name in ("ends_at", "was_until"):
        if facts[name]:
            facts[name] = dt.datetime.fromisoformat(facts[name])
    product = asked.product
    offer = Offer(**facts, merchant_id=product.merchant_id, product=product, variant=asked.variant)
    offer._state.adding = False
    return offer
