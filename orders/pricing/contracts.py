"""What the platform takes of each line: by the merchant's contract of this moment, then frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence

from catalog.models import Offer
from catalog.selectors import parents_of
from orders.pricing.quotes import QuoteLine
from payments.contracts import Agreed, contracts_at


def commissions_at(
    moment: dt.datetime, lines: Iterable[QuoteLine], offers: Mapping[int, Offer]
) -> Callable[[QuoteLine], Agreed]:
    """Who says what is agreed for a line of an item, for merchants that are named in ``offers``.

    Of the contracts that run the one of a campaign that lowered the line counts before that of
    its category, that before the one of the category above, and that before one for all; of
    equal ones the newest. Without any, the merchant's usual rate on all that is paid. Two
    statements where a merchant has contracts, none otherwise.
    """
    products = [offers[line.item.offer_id].product for line in lines if line.item]
    merchants = {row.merchant_id for row in products if row.merchant.has_contracts}
    found = contracts_at(merchants, moment)
    named = any(row.category_id for rows in found.values() for row in rows)
    parents = parents_of({row.category_id for row in products}) if named else {}

    def agreed_for(line: QuoteLine) -> Agreed:
        assert line.item, "fees have no contract"
        product = offers[line.item.offer_id].product
        category_id = product.category_id
        levels = [category_id, parents.get(category_id), None]
        sources = {name for discount in line.discounts for name in discount.names}
        fitting = [
            row
            for row in found.get(product.merchant_id, ())
            if row.category_id in levels and (not row.campaign or row.campaign in sources)
        ]
        return best_of(fitting, levels) or Agreed(product.merchant.commission_rate)

    return agreed_for


def best_of(fitting: Sequence[Agreed], levels: Sequence[int | None]) -> Agreed | None:
    """The one that is nearest to a line; ``fitting`` are the newest first."""
    return min(
        fitting,
        key=lambda row: (not row.campaign, levels.index(row.category_id)),
        default=None,
    )
