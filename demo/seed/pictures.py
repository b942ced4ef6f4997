"""Hangs the drawn pictures of the demo city where they belong."""

from __future__ import annotations

from django.core.files.base import ContentFile

from catalog.services.pictures import add_picture
from demo.content import CITY
from demo.seed.drawing import Order
from demo.seed.shop import Shop


def hang(shop: Shop, order: Order, content: bytes) -> None:
    """Put a drawn picture where it belongs."""
    if order.kind == "cover" and order.slug in shop.products:
        row = next(row for row in CITY.products if row.slug == order.slug)
        add_picture(
            product=shop.products[order.slug],
            content=content,
            alt_en=row.title.en,
            alt_zh=row.title.zh,
            position=order.position,
        )
    elif order.kind == "front" and order.slug in shop.stores:
        store = shop.stores[order.slug]
        store.picture.save(f"{order.slug}.webp", ContentFile(content), save=False)
        type(store).objects.filter(pk=store.pk).update(picture=store.picture.name)
    elif order.kind == "mark":
        merchant = shop.merchants[order.slug]
        merchant.mark.save(f"{order.slug}.webp", ContentFile(content), save=False)
        type(merchant).objects.filter(pk=merchant.pk).update(mark=merchant.mark.name)
