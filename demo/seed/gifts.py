"""Gifts in the demo city: one in every state, most of them to the first customer.

As in the story (demo/seed/life.py) every event calls the service that a person would have
caused, under the clock of its moment.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from demo.content.types import Text
from demo.seed.life import STORY_CONSUMERS
from demo.seed.people import Cast
from demo.seed.shop import Shop
from kernel import clock
from kernel.outbox.services import drain
from stores.access import stores_for_staff
from vouchers.models import Voucher
from vouchers.services.expire import expire_due
from vouchers.services.grants import GrantAsked, grant_voucher, revoke_grant
from vouchers.services.redeem import redeem_voucher
from vouchers.services.release import release_due

DAY = dt.timedelta(days=1)


class Gift(NamedTuple):
    """Given ``days_ago`` for ``valid_days``: words of the business's own, or a product by slug.

    ``used`` uses are redeemed a day later; ``taken_back`` the day after it was given.
    """

    merchant: str
    customer: int
    what: Text | str
    reason: str
    note: str
    days_ago: int
    valid_days: int
    uses: int = 1
    used: int = 0
    held_for: str = ""
    taken_back: bool = False


GIFTS = (
    Gift(
        "slack-tide-coffee",
        0,
        Text("A slice of cake with your coffee", "咖啡之外再送一块蛋糕"),
        *("apology", "Waited twenty minutes on a Sunday.", 40, 20),
    ),
    Gift(
        "old-pier-kitchen",
        0,
        Text("Seasonal vegetables for the table", "送时令蔬菜一份"),
        *("thanks", "Tenth visit.", 12, 60),
        used=1,
    ),
    Gift(
        "auntie-qiao",
        0,
        Text("A plate of dumplings", "水饺一盘"),
        *("other", "Given twice by mistake.", 6, 30),
        taken_back=True,
    ),
    Gift(
        "old-pier-kitchen",
        0,
        Text("A dessert of your choice", "任选甜品一份"),
        *("apology", "The crab was sold out although it was booked.", 2, 30),
    ),
    Gift(
        "slack-tide-coffee",
        0,
        "tide-flat-white",
        *("thanks", "Helped to carry the chairs in.", 4, 45),
        uses=3,
        used=1,
    ),
    Gift(
        "ember-and-broth",
        0,
        Text("A table by the stove, with plum tea", "炉边座位，附酸梅汤"),
        *("replacement", "The evening of the power cut.", 1, 30),
        held_for="booking",
    ),
    Gift(
        "ember-and-broth",
        1,
        Text("Plum tea for four", "酸梅汤四份"),
        *("thanks", "", 3, 30),
    ),
)


def give_gifts(cast: Cast, shop: Shop, present: dt.datetime) -> None:
    """Give them all; those that are over by ``present`` have ended as gifts end."""
    for gift in GIFTS:
        given = present - gift.days_ago * DAY
        with clock.at(given):
            voucher = _give(gift, cast, shop)
        with clock.at(given + DAY / 2):
            if gift.used:
                _use(voucher, gift, cast)
            if gift.taken_back and voucher.grant:
                revoke_grant(grant_id=voucher.grant.pk, by=cast.owners[gift.merchant])
    with clock.at(present):
        expire_due()
        release_due()
        drain(consumers=STORY_CONSUMERS)


def _give(gift: Gift, cast: Cast, shop: Shop) -> Voucher:
    words = gift.what if isinstance(gift.what, Text) else Text("", "")
    return grant_voucher(
        merchant=shop.merchants[gift.merchant],
        issuer=cast.owners[gift.merchant],
        asked=GrantAsked(
            person=cast.customers[gift.customer].identifier,
            reason=gift.reason,
            valid_until=(clock.now() + gift.valid_days * DAY).date(),
            uses=gift.uses,
            product=None if isinstance(gift.what, Text) else shop.products[gift.what],
            title_en=words.en,
            title_zh=words.zh,
            note=gift.note,
        ),
        held_for=gift.held_for,
    )


def _use(voucher: Voucher, gift: Gift, cast: Cast) -> None:
    clerk = cast.clerks[gift.merchant]
    stores = stores_for_staff(clerk).order_by("pk")
    if voucher.product:
        places = set(voucher.product.stores.values_list("pk", flat=True))
        stores = stores.filter(pk__in=places) if places else stores
    redeem_voucher(staff=clerk, store_id=stores[0].pk, code=voucher.code, uses=gift.used)
