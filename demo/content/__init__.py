"""The demo city as data: `CITY` is everything, `problems(CITY)` says what is wrong with it (nothing).

Pure Python, no Django: the seeder feeds it through the real services, the art module draws it, the tests read it.
"""

from __future__ import annotations

from demo.content.categories import CATEGORIES
from demo.content.check import problems
from demo.content.people import CUSTOMERS, STAFF
from demo.content.places import (
    CENTRE,
    CITY_NAME,
    CITY_SLUG,
    DISTRICTS,
    RADIUS_KM,
    SERVICES,
    TAGLINE,
    TIME_ZONE,
)
from demo.content.reviews import REPLIES, REVIEWS
from demo.content.shops import MERCHANTS, STORES
from demo.content.trades import PRODUCTS
from demo.content.types import City

__all__ = ["CITY", "City", "problems"]

CITY = City(
    slug=CITY_SLUG,
    name=CITY_NAME,
    time_zone=TIME_ZONE,
    latitude=CENTRE[0],
    longitude=CENTRE[1],
    radius_km=RADIUS_KM,
    tagline=TAGLINE,
    districts=DISTRICTS,
    categories=CATEGORIES,
    services=SERVICES,
    merchants=MERCHANTS,
    stores=STORES,
    products=PRODUCTS,
    reviews=REVIEWS,
    replies=REPLIES,
    customers=CUSTOMERS,
    staff=STAFF,
)
