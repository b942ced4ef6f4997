"""The coupon centre: what can be claimed now, everywhere or in a city, of a trade, near by."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from campaigns.models import Campaign
from campaigns.selectors import Claimable, with_terms, word_claimable
from catalog.models import Product
from stores.models import City, Store
from stores.places import Point

NEAR_METRES = 5000


class CentreQuery(NamedTuple):
    """What is asked for: businesses with an open store in the city, or near by, and something in the categories."""

    city: City | None = None
    category_ids: Collection[int] = ()
    near: Point | None = None


def centre_campaigns(query: CentreQuery) -> QuerySet[Campaign]:
    """The campaigns of a page of the centre, newest first, with what `claimable_cards` reads."""
    rows = Campaign.objects.claimable().select_related("merchant")
    stores = Store.objects.open_for_business().filter(merchant=OuterRef("merchant"))
    if query.city is not None:
        rows = rows.filter(Exists(stores.filter(city=query.city).order_by()))
    if query.near is not None:
        near = stores.within(*query.near, NEAR_METRES)
        rows = rows.filter(Exists(near.order_by()))
    if query.category_ids:
        sold = Product.objects.on_sale().filter(
            merchant=OuterRef("merchant"), category__in=query.category_ids
        )
        rows = rows.filter(Exists(sold.order_by()))
    return with_terms(rows).order_by("-pk")


def claimable_cards(rows: Collection[Campaign], *, person_id: int | None) -> list[Claimable]:
    """Campaigns of `centre_campaigns` in words; one statement, and one per kind of condition that names rows."""
    return word_claimable(list(rows), person_id=person_id)
