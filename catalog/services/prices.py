"""When what lists say of a price is written anew (`listing.py`): after a change, and by the clock.

Facts are written ahead of time, so a limited-time price begins and ends on cards by itself. The
sweep moves the key that lists sort by; what sells out or comes back is told (`stock.turned`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.core.cache import cache
from django.db import DatabaseError
from django.db.models import Q, QuerySet

from catalog.models import Offer, Product
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
    return sum(write_listing_facts(product_ids=batch) for batch in _batches(Product.objects.all()))


def follow_stock(*, variant_id: int) -> None:
    """Bring the product's listing in step after a choice was sold out or came back (`stock.turned`)."""
    products = Product.objects.filter(variants=variant_id)
    write_listing_facts(product_ids=list(products.values_list("pk", flat=True)))


def refresh_due_prices() -> int:
    """Refresh products whose offers began or ended since the last look; return how many.

    Run every half minute by a worker, which finds them by index and locks no others, a batch a
    transaction. After a rest of any length the first look is at all products, so no price outlives
    its offer.
    """
    key, moment = cache_keys.prices_refreshed(), now()
    last: float | None = cache.get(key)
    products = Product.objects.all()
    if last is not None and last <= moment.timestamp():
        since = dt.datetime.fromtimestamp(last, dt.UTC) - OVERLAP
        turned = Offer.objects.filter(
            Q(starts_at__gt=since, starts_at__lte=moment)
            | Q(ends_at__gt=since, ends_at__lte=moment)
        )
        products = products.filter(pk__in=turned.order_by().values("product"))
    done = sum(_refresh_each_if_need_be(batch) for batch in _batches(products))
    cache.set(key, moment.timestamp(), KEPT_SECONDS)
    return done


def _batches(products: QuerySet[Product]) -> Iterator[list[int]]:
    ids, last = products.order_by("pk").values_list("pk", flat=True), 0
    while batch := list(ids.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1]


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
