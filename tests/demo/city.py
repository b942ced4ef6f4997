"""The demo city for tests: all its shops, a short story, and the turns that the story may lack."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count

from catalog.models import Offer, Product
from catalog.services.prices import refresh_due_prices
from catalog.services.stock import set_stock
from demo.content import CITY
from demo.seed.campaigns import plan_campaigns
from demo.seed.gifts import give_gifts
from demo.seed.life import DAYS, STORY_CONSUMERS, Life
from demo.seed.people import Cast, make_cast
from demo.seed.shop import Shop, make_limited_offers, make_shop
from kernel.clock import now
from kernel.errors import Refusal
from kernel.outbox.services import drain
from orders.services.place import place_order
from stores.access import stores_for_staff
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher, undo_redemption
from vouchers.services.refund import return_redeemed

STORY_DAYS = 12
STORY_ORDERS = 45


class DemoCity(NamedTuple):
    """Who lives there and what is sold."""

    cast: Cast
    shop: Shop


def make_city() -> DemoCity:
    """Open the shops ninety days ago, tell the last days of the story, and do the rest today."""
    present = now()
    zone = ZoneInfo(CITY.time_zone)
    today = dt.datetime.combine(present.astimezone(zone).date(), dt.time(), zone)
    cast = make_cast()
    shop = make_shop(cast, today - dt.timedelta(days=DAYS))
    life = Life(
        cast=cast,
        shop=shop,
        opened=today - dt.timedelta(days=STORY_DAYS),
        until=present,
        days=STORY_DAYS,
        orders=STORY_ORDERS,
    )
    plan_campaigns(life)
    life.run(lambda day, days: None)
    give_gifts(cast, shop, present)
    make_limited_offers(shop, present)
    refresh_due_prices()  # as a worker does: some of these are all sold
    undo_redemption(staff=(undone := _redeem(cast)).staff, redemption_id=undone.pk)
    returned = _redeem(cast)
    return_redeemed(redemption_id=returned.pk, uses=1, requested_by=cast.operator)
    card = _redeem(cast, uses=2)
    return_redeemed(redemption_id=card.pk, uses=1, requested_by=cast.operator)
    _redeem(cast)
    _sell_out_a_choice()
    offer = next(iter(shop.products.values())).offers.get(kind="normal", active=True)
    place_order(buyer=cast.customers[0], lines=[(offer.pk, 1)])
    drain(consumers=STORY_CONSUMERS)
    return DemoCity(cast, shop)


def _sell_out_a_choice() -> None:
    """The cheapest choice of a product that has others is gone."""
    several = Product.objects.on_sale().annotate(n=Count("variants")).filter(n__gt=1)
    for product in several.order_by("pk")[:3]:
        cheapest = Offer.objects.running().filter(product=product).earliest("price_fen", "id")
        set_stock(variant_id=cheapest.variant_id, available=0)


def _redeem(cast: Cast, uses: int = 1) -> Redemption:
    """Redeem the first voucher that a counter takes at this moment."""
    clerks = {clerk.pk: clerk for clerk in cast.clerks.values()}
    for voucher in Voucher.objects.filter(state=Voucher.State.ACTIVE, paid_fen__gt=0):
        for clerk in clerks.values():
            for store in stores_for_staff(clerk).filter(merchant=voucher.merchant_id):
                with suppress(Refusal):
                    return redeem_voucher(
                        staff=clerk, store_id=store.pk, code=voucher.code, uses=uses
                    )
    raise AssertionError("no voucher of the story can be redeemed now")
