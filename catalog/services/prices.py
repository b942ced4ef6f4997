"""The roll-up that lists sort by: each product's lowest running price."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import BooleanField, Exists, F, Func, OuterRef, Subquery

from catalog.models import Offer, Product
from o2o.clock import now

LOOK_BACK = dt.timedelta(days=2)


def refresh_price(product_ids: Iterable[int] | None = None) -> int:
    """Write the lowest running price of the products (None: of all) where it differs; return how many.

    A product without a running offer gets NULL and leaves the shop.
    """
    lowest = (
        Offer.objects.running(now())
        .filter(product=OuterRef("pk"))
        .order_by("price_fen")
        .values("price_fen")[:1]
    )
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


def refresh_due_prices() -> int:
    """Refresh products whose limited-time offers began, ended or sold out lately; return how many.

    Run every half minute by a worker: it looks only at products with a limited-time offer that
    runs or ended in the last two days, found by index.
    """
    recent = Offer.objects.filter(
        product=OuterRef("pk"), kind=Offer.Kind.FLASH, ends_at__gt=now() - LOOK_BACK
    )
    ids = Product.objects.filter(Exists(recent)).values_list("pk", flat=True)
    return refresh_price(ids)
