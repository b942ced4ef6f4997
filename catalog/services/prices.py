"""When what lists say of a price is written anew (`listing.py`): after a change, and by the clock.

Facts are written ahead of time, so a limited-time price begins and ends on cards by itself. The
sweep moves the key that lists sort by, and sees quotas that sold out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import Exists, OuterRef

from catalog.models import LIMITED_KINDS, Offer, Product
from catalog.services.listing import write_listing_facts
from kernel.cache import keys as cache_keys
from kernel.clock import now
from kernel.watch.services import try_each

OVERLAP = dt.timedelta(minutes=5)
KEPT_SECONDS = 86_400
"""How long a worker remembers when it last looked; then, or with a lost cache, it looks at all."""
BATCH = 1000


def refresh_price(product_ids: Iterable[int] | None = None) -> int:
    """Bring the listing of the products (None: of all) in step with offers and stock.

    Returns how many changed. Named ones in one transaction, all of them in batches.
    """
    if product_ids is not None:
        return write_listing_facts(product_ids=list(product_ids))
    return sum(write_listing_facts(product_ids=batch) for batch in _batches_of_all())


def follow_stock(*, variant_id: int) -> None:
    """Bring the product's listing in step after a choice was sold out or came back (`stock.turned`)."""
    products = Product.objects.filter(variants=variant_id)
    write_listing_facts(product_ids=list(products.values_list("pk", flat=True)))


def refresh_due_prices() -> int:
    """Refresh products whose limited-time offers began, ended or sold out; return how many.

    Run every half minute by a worker: it looks at products with a limited-time offer that runs
    or has ended since the last look, found by index. After a rest of any length the first look
    is at all products, so no price outlives its offer.
    """
    key, moment = cache_keys.prices_refreshed(), now()
    last: float | None = cache.get(key)
    batches: Iterable[list[int]] = _batches_of_all()
    if last is not None and last <= moment.timestamp():
        since = dt.datetime.fromtimestamp(last, dt.UTC) - OVERLAP
        recent = Offer.objects.filter(
            product=OuterRef("pk"), kind__in=LIMITED_KINDS, ends_at__gt=since
        )
        batches = [list(Product.objects.filter(Exists(recent)).values_list("pk", flat=True))]
    done = sum(_refresh_each_if_need_be(batch) for batch in batches)
    cache.set(key, moment.timestamp(), KEPT_SECONDS)
    return done


def _batches_of_all() -> Iterator[list[int]]:
    last = 0
    while ids := list(
        Product.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        yield ids
        last = ids[-1]


def _refresh_each_if_need_be(ids: list[int]) -> int:
    """One statement for all is quick; when one product's row refuses, each has its own."""
    try:
        return write_listing_facts(product_ids=ids)
    except DatabaseError:
        return sum(try_each(ids, _refresh_one, kind="catalog.price", subject=_name))


def _refresh_one(product_id: int) -> int:
    return write_listing_facts(product_ids=[product_id])


def _name(product_id: int) -> str:
    return f"product:{product_id}"
