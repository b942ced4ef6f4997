"""Which contracts run: read once for all merchants of an order that have any."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from payments.models import Contract
from payments.parties import PLATFORM, POINTS, parse_party


class Agreed(NamedTuple):
    """What a contract says; the category's children are named beside it."""

    rate: Decimal
    fixed_fen: int = 0
    platform_in_base: bool = True
    points_in_base: bool = True
    partners_in_base: bool = True
    campaign: str = ""
    category_id: int | None = None

    def is_in_base(self, funder: str) -> bool:
        """Whether commission is taken on what ``funder`` (a party's key) pays of a discount."""
        party = parse_party(funder)
        if party == PLATFORM:
            return self.platform_in_base
        return self.points_in_base if party == POINTS else self.partners_in_base


_TERMS = (*Agreed._fields, "merchant_id")


def contracts_at(merchant_ids: Collection[int], moment: dt.datetime) -> dict[int, list[Agreed]]:
    """The contracts of merchants that run at ``moment``, the newest first; one statement, if any."""
    found: dict[int, list[Agreed]] = defaultdict(list)
    if merchant_ids:
        rows = Contract.objects.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=moment),
            merchant__in=merchant_ids,
            starts_at__lte=moment,
        ).order_by("-starts_at", "-id")
        for *terms, merchant_id in rows.values_list(*_TERMS):
            found[merchant_id].append(Agreed(*terms))
    return found
