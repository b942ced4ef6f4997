"""Pages of this room that codes lead to (stores.codes.targets)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse

from catalog.models import Product, Stock
from stores.codes.targets import Page, register_target


def register() -> None:
    """Products, and for codes of the platform the front page."""
    register_target("product_detail", _product)
    register_target("home", _front)


def _product(
    merchant_id: int | None, parts: Mapping[str, Any], query: Mapping[str, str]
) -> Page | None:
    counted = Stock.objects.filter(variant__product=OuterRef("pk"), by_store=True)
    rows = Product.objects.on_sale().filter(pk=parts["pk"]).annotate(by_store=Exists(counted))
    product = (rows.filter(merchant=merchant_id) if merchant_id else rows).first()
    if product is None:
        return None
    path = reverse("product_detail", args=[product.pk])
    return Page(path, product.title, product.pk, partial(_cover, product), product.by_store)


def _cover(product: Product) -> Any:
    cover = product.pictures.first()
    return cover.image if cover else None


def _front(
    merchant_id: int | None, parts: Mapping[str, Any], query: Mapping[str, str]
) -> Page | None:
    return None if merchant_id else Page(reverse("home"), settings.SITE_NAME)
