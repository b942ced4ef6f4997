"""Every trade's motifs by name, and how close the camera stands to each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from demo.art.canvas import Canvas
from demo.art.palette import Scheme
from demo.art.scenes import (
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

Scene = Callable[[Canvas, Scheme, Random], None]

MOTIFS: Mapping[str, Mapping[str, Scene]] = {
    "restaurants": restaurants.MOTIFS,
    "coffee": coffee.MOTIFS,
    "beauty": beauty.MOTIFS,
    "fitness": fitness.MOTIFS,
    "cinema": cinema.MOTIFS,
    "hotel": hotel.MOTIFS,
    "produce": produce.MOTIFS,
    "kids": kids.MOTIFS,
    "car-care": car_care.MOTIFS,
    "pets": pets.MOTIFS,
}

_USUAL = (0.0, -14.0, 1.06)

# (x, y, zoom) where the usual framing leaves a flat subject low or cuts a tall one.
FRAMING: dict[tuple[str, str], tuple[float, float, float]] = {
    ("restaurants", "dumplings"): (20, -76, 1.2),
    ("restaurants", "fish"): (0, -66, 1.1),
    ("restaurants", "crab"): (0, -34, 1.08),
    ("restaurants", "hotpot"): (0, -46, 1.04),
    ("restaurants", "roast-duck"): (0, -60, 1.16),
    ("restaurants", "lamb"): (0, -60, 1.16),
    ("restaurants", "set-table"): (24, -36, 1.1),
    ("coffee", "croissant"): (-8, -72, 1.18),
    ("coffee", "toast"): (0, -74, 1.26),
    ("coffee", "beans"): (0, -10, 1.08),
    ("coffee", "cookies"): (0, -74, 1.2),
    ("coffee", "iced"): (0, -12, 1.12),
    ("fitness", "swimming"): (0, -20, 1.1),
    ("hotel", "seaview"): (12, 0, 1.04),
    ("hotel", "breakfast"): (0, -50, 1.14),
    ("hotel", "bunk"): (-10, 0, 1.0),
    ("produce", "tomatoes"): (0, -48, 1.14),
    ("produce", "strawberries"): (0, -56, 1.2),
    ("produce", "blueberries"): (0, -60, 1.2),
    ("produce", "eggs"): (4, -66, 1.02),
    ("produce", "watermelon"): (0, -40, 1.1),
    ("produce", "prawns"): (0, -52, 1.08),
    ("kids", "blocks"): (0, -30, 1.12),
    ("kids", "books"): (0, -10, 1.08),
    ("car-care", "polish"): (0, -36, 1.08),
    ("car-care", "tyre"): (-10, -30, 1.1),
    ("pets", "cat-tree"): (0, 10, 1.0),
    ("pets", "dog-bath"): (0, -10, 1.04),
}


def framing(trade: str, motif: str) -> tuple[float, float, float]:
    """Where the camera stands for a motif."""
    return FRAMING.get((trade, motif), _USUAL)
