"""Sales of the tests, made through their services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from campaigns.models import Sale
from campaigns.services.sales import ItemAsked, SaleAsked, create_sale, start_sale
from catalog.models import Product
from kernel.clock import now
from tests.factories import variant_of


def item(
    product: Product, price_fen: int = 3000, quota: int | None = 10, most: int | None = 1
) -> ItemAsked:
    return ItemAsked(variant_of(product).pk, price_fen, quota, most)


def selling(*items: ItemAsked, **more: Any) -> SaleAsked:
    moment = now()
    facts: dict[str, Any] = {
        "name_en": "Rainy Monday",
        "name_zh": "雨天特卖",
        "begins_at": moment - dt.timedelta(minutes=1),
        "ends_at": moment + dt.timedelta(days=2),
    }
    return SaleAsked(items=items, **(facts | more))


def make_sale(*products: Product, start: bool = True, items: Any = None, **more: Any) -> Sale:
    """A sale that runs, or a draft, of one merchant's products: ¥30 each, ten of each, one a person."""
    asked = selling(*(items or [item(product) for product in products]), **more)
    row = create_sale(merchant=products[0].merchant, asked=asked, by=None)
    return start_sale(sale_id=row.pk, by=None) if start else row
