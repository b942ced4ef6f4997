"""What campaigns cost: a basket under many of them, and an order with two discounts, beside the same without."""

from __future__ import annotations

import datetime as dt
import json
import logging
import statistics
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.conditions.base import Said
from campaigns.models import Benefit, Campaign
from campaigns.services.campaigns import (
    CampaignAsked,
    create_campaign,
    end_campaign,
    start_campaign,
)
from campaigns.services.coupons import claim_coupon
from campaigns.terms import Gives
from kernel.clock import now
from orders.services.quotes import make_quote
from stores.models import Merchant
from tools.bench.judge import Judge
from tools.bench.shop import BenchShop

CAMPAIGNS, LINES, ROUNDS, ORDERS = 200, 20, 40, 200
MORE_QUERIES, TIMES, OF_PLAIN = 3, 4.0, 0.8
Kind = Benefit.Kind


def measure(judge: Judge, shop: BenchShop) -> None:
    """Medians of one caller; both sides take turns, so that both have the same machine."""
    quiet = logging.getLogger("o2o.access")
    quiet.disabled = True  # a line per order is not what is measured
    _orders(judge, shop)
    _basket(judge, shop)
    quiet.disabled = False
    for row in Campaign.objects.exclude(state=Campaign.State.ENDED):
        end_campaign(campaign_id=row.pk, by=None)


def _basket(judge: Judge, shop: BenchShop) -> None:
    lines = [(offer, 1 + number % 3) for number, offer in enumerate(shop.offers[:LINES])]
    buyer = shop.buyers[0].pk

    def quote() -> Any:
        return make_quote(buyer_id=buyer, lines=lines)

    for number in range(CAMPAIGNS):
        _start(shop, number)
    _mark(shop, has=False)
    queries = _queries(quote)
    _mark(shop, has=True)
    more = _queries(quote) - queries
    judge.at_most(
        f"basket of {LINES}, {CAMPAIGNS} campaigns: queries more", more, "{:.0f}", MORE_QUERIES
    )
    bare, under = [], []
    for _round in range(ROUNDS):
        _mark(shop, has=False)
        bare.append(_milliseconds(quote))
        _mark(shop, has=True)
        under.append(_milliseconds(quote))
    ratio = statistics.median(under) / statistics.median(bare)
    note = f"{statistics.median(under):.1f} ms"
    judge.at_most(f"basket of {LINES}, {CAMPAIGNS} campaigns", ratio, "{:.1f} ×", TIMES, note)


def _orders(judge: Judge, shop: BenchShop) -> None:
    """An order of one line: what comes by itself and a coupon, or neither."""
    coupon = _start(shop, 0, way=Campaign.Way.COUPON, coupons=10 * ORDERS, per_person=50)
    _start(shop, 1)
    offer, client = shop.offers[-1], Client()
    plain: list[float] = []
    lowered: list[float] = []
    for number in range(ORDERS):
        place = number % len(shop.buyers)
        for has, times in ((False, plain), (True, lowered)):
            if has:
                claim_coupon(owner=shop.buyers[place], campaign_id=coupon.pk)
            _mark(shop, has=has)
            order = partial(_place, client, shop.buyer_tokens[place], offer, f"{number}-{has}")
            times.append(_milliseconds(order))
    ratio = statistics.median(plain) / statistics.median(lowered)
    note = f"{statistics.median(lowered):.1f} ms"
    judge.at_least("order API with two discounts, of one without", ratio, "{:.2f}", OF_PLAIN, note)


def _place(client: Client, token: str, offer: int, key: str) -> None:
    """POST /api/v1/orders, in this process: what a server adds is the same for both."""
    answer = client.post(
        "/api/v1/orders",
        data=json.dumps({"lines": [{"offer": offer, "quantity": 1}]}),
        content_type="application/json",
        headers={
            "host": "localhost",
            "authorization": f"Bearer {token}",
            "idempotency-key": f"bench-campaigns-{key}",
        },
    )
    if answer.status_code != HTTPStatus.CREATED:
        raise CommandError(f"an order was answered {answer.status_code}: {answer.content!r:.300}")


def _mark(shop: BenchShop, *, has: bool) -> None:
    """Whether orders ask for campaigns of the merchant; the flag decides it for all of them."""
    Merchant.objects.filter(pk=shop.merchant.pk).update(has_campaigns=has)


def _start(shop: BenchShop, number: int, **more: Any) -> Campaign:
    moment = now()
    kinds = (
        Gives(Kind.AMOUNT, amount_fen=100 + number),
        Gives(Kind.SHARE, permille=50, at_most_fen=500 + number),
        Gives(Kind.NTH, permille=500, every=2),
        Gives(Kind.CHEAPEST, permille=1000, every=3),
    )
    facts: dict[str, Any] = {
        "name_en": f"Bench {number}",
        "name_zh": "",
        "begins_at": moment - dt.timedelta(hours=1),
        "ends_at": moment + dt.timedelta(days=7),
        "gives": kinds[number % len(kinds)],
        "conditions": [Said("minimum", amount_fen=1000 + number)],
        "way": Campaign.Way.AUTOMATIC,
    }
    row = create_campaign(merchant=shop.merchant, asked=CampaignAsked(**facts | more), by=None)
    return start_campaign(campaign_id=row.pk, by=None)


def _queries(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def _milliseconds(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000
