"""What the demo city's merchants spend on their codes, and what came of it: costs, targets, and the sums."""

from __future__ import annotations

import datetime as dt

from demo.seed.people import Cast
from demo.seed.shop import Shop
from insights.services.keep import rebuild_results
from insights.services.plans import PlanAsked, add_plan
from stores.codes.models import Code

DAYS = 30
SPENT = {"building": (90000, 6000, 12), "article": (120000, 0, 8), "store": (0, 4500, None)}
"""Per channel: cost and cost of printing in fen of the last DAYS, and how many orders are to come in."""


def tell_costs(cast: Cast, shop: Shop, today: dt.date) -> None:
    """Each merchant says what its posters and articles cost; then all sums are made from the books."""
    first = today - dt.timedelta(days=DAYS - 1)
    for slug, merchant in shop.merchants.items():
        codes = Code.objects.filter(
            merchant=merchant, channel__in=SPENT, kind__in=("poster", "link")
        )
        for code in codes.order_by("pk"):
            cost_fen, print_fen, target = SPENT[code.channel]
            asked = PlanAsked(
                channel=code.channel,
                begins_on=first,
                ends_on=today,
                code=code,
                cost_fen=cost_fen,
                print_fen=print_fen,
                target_came=target,
            )
            add_plan(merchant=merchant, asked=asked, by=cast.owners[slug])
    rebuild_results()
