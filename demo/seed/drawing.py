"""Draws the pictures of the demo city in processes of their own.

Imports nothing of Django: the drawing processes start from nothing and know no database.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from demo.art import draw_cover, draw_merchant_mark, draw_store_front, encode
from demo.content import CITY

COVER = (960, 720)
SECOND_VIEWS = 60
FRONT = (960, 540)
MARK = (256, 256)


@dataclass(frozen=True, slots=True)
class Order:
    """One picture to draw: ``kind`` cover, front or mark; ``slug`` names what it is for."""

    kind: str
    slug: str
    trade: str
    motif: str | None
    seed: int
    position: int = 0
    emblem: str | None = None


def all_orders() -> list[Order]:
    """Every picture of the city, covers first: they are what people look for."""
    covers = [
        Order("cover", row.slug, CITY.trade_of(row), row.motif, row.art_seed)
        for row in CITY.products
    ]
    popular = sorted(CITY.products, key=lambda row: -row.popularity)[:SECOND_VIEWS]
    more = [
        Order("cover", row.slug, CITY.trade_of(row), row.motif, row.art_seed + 1, 1)
        for row in popular
    ]
    fronts = [
        Order(
            "front",
            row.slug,
            CITY.merchant(row.merchant).trade,
            None,
            row.art_seed,
            emblem=CITY.merchant(row.merchant).emblem,
        )
        for row in CITY.stores
    ]
    marks = [
        Order("mark", row.slug, row.trade, None, row.art_seed, emblem=row.emblem)
        for row in CITY.merchants
    ]
    return [*covers, *fronts, *marks, *more]


def draw(order: Order) -> tuple[Order, bytes]:
    """Draw one picture as WebP."""
    if order.kind == "cover":
        image = draw_cover(trade=order.trade, motif=order.motif, seed=order.seed, size=COVER)
    elif order.kind == "front":
        image = draw_store_front(
            trade=order.trade, seed=order.seed, size=FRONT, emblem=order.emblem
        )
    else:
        image = draw_merchant_mark(
            trade=order.trade, seed=order.seed, size=MARK, emblem=order.emblem
        )
    return order, encode(image)


def draw_all(pool: ProcessPoolExecutor) -> Iterator[tuple[Order, bytes]]:
    """Draw everything in ``pool``; yields in order."""
    return pool.map(draw, all_orders(), chunksize=8)


def start_pool(processes: int) -> ProcessPoolExecutor:
    """Processes that share nothing with this one: no database connection crosses."""
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
