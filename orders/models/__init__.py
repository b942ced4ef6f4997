"""Baskets and orders."""

from orders.models.basket import Basket, BasketLine
from orders.models.external import ExternalOrder
from orders.models.fulfilment import Fulfilment
from orders.models.order import Order, OrderDiscount, OrderLine
from orders.models.source import OrderSource

__all__ = [
    "Basket",
    "BasketLine",
    "ExternalOrder",
    "Fulfilment",
    "Order",
    "OrderDiscount",
    "OrderLine",
    "OrderSource",
]
