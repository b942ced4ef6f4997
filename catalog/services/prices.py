"""The roll-up that lists sort and filter by: the price that cards and pages name (`price_now`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Subquery

from catalog.models import LIMITED_KINDS, Offer, Product
from kernel.cache import keys as cache_keys
from kernel.clock import now
from kernel.watch.services import try_each

OVERLAP = dt.timedelta(minutes=5)
KEPT_SECONDS = 86_400
"""How long a worker remembers when it last looked; then, or with a lost cache, it looks at all."""


def refresh_price(product_ids: Iterable[int] | None = None) -> int:
    """Write the price of the products (None: of all) where it differs; return how many.

    It is the lowest running one with pieces left, or else the lowest running one. A product
    without a running offer gets NULL and leaves the shop.
    """
    running = Offer.objects.running(now()).filter(product=OuterRef("pk"))
    lowest = running.best_first().values("price_fen")[:1]
    products = Product.objects.all()
    if product_ids is not None:
        products = products.filter(pk__in=list(product_ids))
    return (
        products.alias(
            differs=Func(
                F("price_fen"),
                Subquery(lowest),
                template="(%(expressions)s)",
                arg_joiner=" IS DISTINCT FROM ",
                output_field=BooleanField(),
            )
        )
        .filter(differs=True)
        .update(price_fen=Subquery(lowest))
    )


@transaction.atomic
def follow_stock(*, variant_id: int) -> None:
    """Bring the product's price in step after a choice was sold out or came back (`stock.turned`).

    Locks the product before it reads, so that of two at work the later one sees all.
    """
    products = Product.objects.filter(variants=variant_id).select_for_update(
        of=("self",), no_key=True
    )
    refresh_price([product.pk for product in products.only("pk")])


def refresh_due_prices() -> int:
    """Refresh products whose limited-time offers began, ended or sold out; return how many.

    Run every half minute by a worker: it looks at products with a limited-time offer that runs
    or has ended since the last look, found by index. After a rest of any length the first look
    is at all products, so no price outlives its offer.
    """
    key, moment = cache_keys.prices_refreshed(), now()
    last: float | None = cache.get(key)
    ids: list[int] | None = None
    if last is not None and last <= moment.timestamp():
        since = dt.datetime.fromtimestamp(last, dt.UTC) - OVERLAP
        recent = Offer.objects.filter(
            product=OuterRef("pk"), kind__in=LIMITED_KINDS, ends_at__gt=since
        )
        ids = list(Product.objects.filter(Exists(recent)).values_list("pk", flat=True))
    done = _refresh_each_if_need_be(ids)
    cache.set(key, moment.timestamp(), KEPT_SECONDS)
    return done


def _refresh_each_if_need_be(ids: list[int] | None) -> int:
    """One statement for all is quick; when one product's row refuses, each has its own."""
    try:
        with transaction.atomic():
            return refresh_price(ids)
    except DatabaseError:
        if ids is None:
            ids = list(Product.objects.order_by("pk").values_list("pk", flat=True))
        return sum(try_each(ids, _refresh_one, kind="catalog.price", subject=_name))


def _refresh_one(product_id: int) -> int:
    with transaction.atomic():
        return refresh_price([product_id])


def _name(product_id: int) -> str:
    return f"product:{product_id}"
