"""What a campaign promises, as plain data: rules of price and sentences are made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from campaigns.conditions.base import Said
from campaigns.models import Benefit, Campaign, Condition

MEASURES = Said._fields[2:]
"""What a condition says beside the rows that it names."""


MOMENTS = ("from_at", "to_at")


class Tier(NamedTuple):
    """What is taken off instead once so much is spent: fen, or ‰, as the benefit has it."""

    minimum_fen: int
    off: int


class Gives(NamedTuple):
    """The benefit (`campaigns.benefits`): an amount, or a share in ‰ of what it covers, at most so much.

    ``tiers`` rise: of those that are reached the last one counts, and no other. ``every`` is of how many
    pieces, ``price_fen`` what these, or each of the gifts ``products``, cost.
    """

    kind: str
    amount_fen: int | None = None
    permille: int | None = None
    at_most_fen: int | None = None
    tiers: tuple[Tier, ...] = ()
    every: int | None = None
    price_fen: int | None = None
    products: tuple[int, ...] = ()


class Terms(NamedTuple):
    """Benefit and conditions of a campaign; fixed when it starts, so a coupon's are those at its claim.

    ``funders`` are parties with their ‰, by party; none where the merchant bears it alone.
    """

    gives: Gives
    conditions: tuple[Said, ...] = ()
    funders: tuple[tuple[str, int], ...] = ()

    def keys(self, kind: str) -> tuple[int, ...]:
        """The rows that a condition of that kind names; none where there is no such condition."""
        return next((said.keys for said in self.conditions if said.kind == kind), ())

    def said(self, kind: str) -> Said | None:
        """The condition of that kind, None where there is none."""
        return next((said for said in self.conditions if said.kind == kind), None)

    def has(self, kind: str) -> bool:
        return self.said(kind) is not None

    @property
    def minimum_fen(self) -> int:
        """What has to be spent, 0 where nothing has."""
        said = self.said(Condition.Kind.MINIMUM)
        return (said.amount_fen or 0) if said else 0


def terms_of(campaign: Campaign) -> Terms:
    """Of a campaign; no query where it was read `with_terms`, otherwise what it has now, in three."""
    benefit = campaign.benefit
    tiers = tuple(Tier(*tier) for tier in benefit.tiers or ())
    return Terms(
        Gives(
            *(benefit.kind, benefit.amount_fen, benefit.permille, benefit.at_most_fen, tiers),
            *(benefit.every, benefit.price_fen, tuple(benefit.products or ())),
        ),
        *_conditions_and_funders(campaign),
    )


def _conditions_and_funders(
    campaign: Any,
) -> tuple[tuple[Said, ...], tuple[tuple[str, int], ...]]:
    if "said_rows" in campaign.__dict__:
        said = tuple(_said(row) for row in campaign.said_rows)
        return said, tuple((row["party"], row["permille"]) for row in campaign.funder_rows)
    rows = campaign.conditions.order_by("position").values(*Said._fields)
    said = tuple(Said(**{**row, "keys": tuple(row["keys"])}) for row in rows)
    return said, tuple(campaign.funders.order_by("party").values_list("party", "permille"))


def _said(row: dict[str, Any]) -> Said:
    moments = {name: dt.datetime.fromisoformat(row[name]) for name in MOMENTS if row[name]}
    return Said(**{**row, **moments, "keys": tuple(row["keys"])})


def rows_of(campaign: Campaign, terms: Terms) -> tuple[Benefit, list[Condition]]:
    """The rows that keep ``terms``; not saved."""
    conditions: Iterable[Condition] = (
        Condition(
            campaign=campaign,
            position=position,
            kind=said.kind,
            keys=list(said.keys),
            **{name: getattr(said, name) for name in MEASURES},
        )
        for position, said in enumerate(terms.conditions, 1)
    )
    gives = terms.gives._asdict() | {
        "tiers": [list(tier) for tier in terms.gives.tiers] or None,
        "products": list(terms.gives.products) or None,
    }
    return Benefit(campaign=campaign, **gives), list(conditions)
