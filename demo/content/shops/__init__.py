"""Who trades in the city and where: one file per trade, gathered in shop-window order."""

from __future__ import annotations

from demo.content.shops import (
    beauty,
    car_care,
    cinema,
    coffee,
    fitness,
    hotel,
    kids,
    pets,
    produce,
    restaurants,
)
from demo.content.types import Merchant, Store

_SHOPS = (restaurants, coffee, beauty, fitness, cinema, hotel, produce, kids, car_care, pets)

MERCHANTS: tuple[Merchant, ...] = tuple(merchant for shop in _SHOPS for merchant in shop.MERCHANTS)
STORES: tuple[Store, ...] = tuple(store for shop in _SHOPS for store in shop.STORES)
