"""Codes of the demo city, and the people who scan them before they buy, or only look.

They have their own dice, so that the story of the orders (demo/seed/life.py) stays what it was.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence

from catalog.models import Product
from demo.content import CITY
from demo.seed.people import Cast
from demo.seed.shop import Shop
from kernel import clock
from kernel.facts import services as facts
from kernel.facts.services import About, Kind, record
from kernel.facts.traces import Trace, kept_key, subject_key
from members.models import User
from stores.codes import touches
from stores.codes.models import Code
from stores.codes.services import CodeAsked, make_code
from stores.codes.touches import Known, known_code, touch_code
from stores.models import Merchant, Store

SCANS_FIRST, LOOKS_AROUND = 0.45, 3
"""How many buyers come by a code; how many others look for each of them, at most."""
WAIT = dt.timedelta(minutes=20)
REFERRERS = ("", "", "https://news.example/", "https://social.example/post")


class Passers:
    """The merchants' codes, and who follows them."""

    def __init__(self, cast: Cast, shop: Shop, opened: dt.datetime) -> None:
        self.dice = random.Random(f"{CITY.slug}:codes")
        with clock.at(opened):
            facts.keep_months()
            touches.keep_months()
            self.codes = {
                merchant.pk: [
                    self._known(make_code(merchant=merchant, asked=asked, by=cast.owners[slug]))
                    for asked in _wanted(merchant.stores.order_by("pk")[0], cast, slug)
                ]
                for slug, merchant in shop.merchants.items()
                if merchant.state == Merchant.State.APPROVED
            }
            spring = CodeAsked(kind="campaign", name="City newsletter", campaign="newsletter")
            self.letter = self._known(make_code(merchant=None, asked=spring, by=cast.operator))

    def before_order(self, buyer: User, products: Sequence[Product]) -> Trace:
        """Let ``buyer`` look, perhaps by a code, and others with them; return whose doing the order is."""
        moment = clock.now()
        for passer in range(self.dice.randrange(LOOKS_AROUND + 1)):
            self._look(_passer(f"{moment}:{passer}"), products[0], moment, orders=False)
        trace = _passer(f"member:{buyer.pk}")._replace(subject=subject_key(buyer.pk))
        self._look(trace, products[0], moment, orders=True)
        touches.flush_touches()
        facts.flush_facts()
        return trace

    def _look(self, trace: Trace, product: Product, moment: dt.datetime, *, orders: bool) -> None:
        about = About(merchant_id=product.merchant_id, product_id=product.pk)
        with clock.at(moment - WAIT):
            if self.dice.random() < SCANS_FIRST:
                touch_code(
                    code=self._chosen(product), trace=trace, referrer=self.dice.choice(REFERRERS)
                )
            elif self.dice.random() < 0.5:
                found = About(words=product.title_en[:40].lower(), number=1)
                record(Kind.SEARCH, [found], trace=trace)
        with clock.at(moment - WAIT / 2):
            record(Kind.PRODUCT_VIEW, [about], trace=trace)
            if orders or self.dice.random() < 0.2:
                record(Kind.BASKET_ADD, [about._replace(number=1)], trace=trace)

    def _chosen(self, product: Product) -> Known:
        """The poster most of all; now and then the newsletter."""
        codes = [*self.codes[product.merchant_id], self.letter]
        return self.dice.choices(codes, range(len(codes), 0, -1))[0]

    @staticmethod
    def _known(code: Code) -> Known:
        found = known_code(code.code)
        assert found is not None, "it was made a moment ago"
        return found


def _wanted(store: Store, cast: Cast, slug: str) -> list[CodeAsked]:
    clerk = cast.clerks[slug]
    return [
        CodeAsked(kind="poster", name="Window", store=store),
        CodeAsked(kind="tag", name="Shelf by the till", store=store),
        CodeAsked(
            kind="staff",
            name=clerk.display_name,
            store=store,
            person=clerk.identifier,
        ),
        CodeAsked(kind="link", name="Our newsletter", campaign="newsletter", channel="own_media"),
        CodeAsked(kind="poster", name="Harbour Tower, lobby", channel="building"),
        CodeAsked(kind="link", name="City paper", channel="article"),
    ]


def _passer(who: str) -> Trace:
    """Somebody with a phone who agreed to be counted."""
    browser, day = kept_key(who), clock.now().date().isoformat()
    return Trace(browser, "", kept_key(f"{who}:{day}"), "", "web", "phone", True)
