"""A small town for the journeys: one kitchen with two stores, five things to buy, its people."""

from __future__ import annotations

import datetime as dt
import io
from typing import NamedTuple

from PIL import Image

from catalog.models import Category, Offer, Product
from catalog.services.pictures import add_picture
from members.models import User
from stores.models import City, Merchant, Store
from tests.factories import (
    make_category,
    make_city,
    make_limited_offer,
    make_merchant,
    make_product,
    make_staff,
    make_store,
    make_user,
    offer_of,
)

DUMPLINGS_FEN = 6_800
LIMITED_FEN = 3_900
CARD_FEN = 30_000
CARD_USES = 3


class Town(NamedTuple):
    """Everybody and everything of the town."""

    city: City
    merchant: Merchant
    store: Store
    other_store: Store
    category: Category
    dumplings: Product
    soup: Product
    card: Product
    here_only: Product
    owner: User
    clerk: User
    customer: User
    operator: User

    @property
    def dumplings_offer(self) -> Offer:
        """The normal price of the dumplings."""
        return offer_of(self.dumplings)


def picture(*, colour: str = "#e0592a", size: tuple[int, int] = (480, 360)) -> bytes:
    """A plain PNG."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def build(language: str = "en") -> Town:
    """Make the town; its people read ``language``."""

    def person(role: str, name: str, identifier: str) -> User:
        return make_user(role, display_name=name, email=identifier, language=language)

    city = make_city(slug="linwan", name_en="Linwan", name_zh="临湾", featured=True)
    owner = person("customer", "Old Wang", "owner@example.com")
    merchant = make_merchant(
        owner=owner, slug="pier-kitchen", name_en="Pier Kitchen", name_zh="码头厨房"
    )
    places = {"merchant": merchant, "city": city, "phone": "0571 8888 0000"}
    store = make_store(
        name_en="Pier Kitchen, Harbour",
        name_zh="码头厨房（港口店）",
        address_en="12 Fish Lane",
        address_zh="鱼市巷 12 号",
        **places,
    )
    other = make_store(
        name_en="Pier Kitchen, Hill",
        name_zh="码头厨房（山上店）",
        latitude=30.30,
        longitude=120.20,
        **places,
    )
    category = make_category(
        slug="food", name_en="Restaurants", name_zh="餐厅", trade="restaurants"
    )
    dumplings = make_product(
        merchant=merchant,
        category=category,
        title_en="Steamed dumplings for two",
        title_zh="双人蒸饺套餐",
        description_en="Two dozen, steamed to order.",
        description_zh="两打现蒸水饺。",
        price_fen=DUMPLINGS_FEN,
        list_price_fen=9_600,
        validity_days=60,
        included=[
            {"name_en": "Pork dumplings", "name_zh": "猪肉饺", "quantity": 24, "value_fen": 9_600}
        ],
        notes=[{"en": "Please book a day ahead.", "zh": "请提前一天预约。"}],
    )
    soup = make_product(
        merchant=merchant,
        category=category,
        title_en="Fish soup",
        title_zh="鲜鱼汤",
        price_fen=5_200,
        list_price_fen=6_000,
    )
    card = make_product(
        merchant=merchant,
        category=category,
        kind="times_card",
        uses=CARD_USES,
        title_en="Three breakfasts",
        title_zh="早餐三次卡",
        price_fen=CARD_FEN,
        list_price_fen=36_000,
    )
    here_only = make_product(
        merchant=merchant,
        category=category,
        stores=[store],
        title_en="Harbour view tea",
        title_zh="港口下午茶",
        price_fen=8_800,
        list_price_fen=12_000,
    )
    for product in (dumplings, soup):
        add_picture(product=product, content=picture(), alt_en="A plate", alt_zh="一盘")
    make_limited_offer(soup, price_fen=LIMITED_FEN, quota=20, per_person_limit=3)
    clerk = person("customer", "Clerk Lin", "clerk@example.com")
    make_staff(store, user=clerk).memberships.get().stores.add(other)
    return Town(
        city=city,
        merchant=merchant,
        store=store,
        other_store=other,
        category=category,
        dumplings=dumplings,
        soup=soup,
        card=card,
        here_only=here_only,
        owner=owner,
        clerk=clerk,
        customer=person("customer", "Mei Chen", "mei@example.com"),
        operator=person("operator", "Operator", "operator@example.com"),
    )


def from_now(**span: float) -> dt.datetime:
    """A moment so far from now, for `kernel.clock.at`."""
    return dt.datetime.now(dt.UTC) + dt.timedelta(**span)
