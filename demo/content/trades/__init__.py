"""What is sold in the city: one file of deals per trade, gathered in shop-window order."""

from __future__ import annotations

from demo.content.trades import (
    beauty,
    car_care,
    cinema,
    coffee,
    fitness,
    hotel,
    hotpot,
    kids,
    pets,
    produce,
    restaurants,
)
from demo.content.types import Product

_TRADES = (
    restaurants,
    hotpot,
    coffee,
    beauty,
    fitness,
    cinema,
    hotel,
    produce,
    kids,
    car_care,
    pets,
)

PRODUCTS: tuple[Product, ...] = tuple(product for trade in _TRADES for product in trade.PRODUCTS)
