"""One sign per trade, inside a square of ±100 around the origin: for marks, shop signs and windows."""

from __future__ import annotations

from demo.art.canvas import Canvas
from demo.art.objects import (
    animals,
    bakery,
    beauty,
    film,
    food,
    produce,
    rooms,
    sport,
    tableware,
    toys,
    vehicles,
)
from demo.art.palette import CREAM, DARK_WOOD, SUN, WHITE, WOOD, Scheme

EMBLEMS: dict[str, tuple[str, ...]] = {
    "restaurants": ("bowl", "dumpling", "fish", "chilli"),
    "coffee": ("cup", "croissant", "bean"),
    "beauty": ("scissors", "polish", "leaf"),
    "fitness": ("dumbbell", "kettlebell", "shuttle", "leaf"),
    "cinema": ("reel", "popcorn", "ticket"),
    "hotel": ("bed", "lighthouse", "lamp"),
    "produce": ("orange", "tomato", "carrot"),
    "kids": ("boat", "cube", "balloon"),
    "car-care": ("car", "wheel", "cone"),
    "pets": ("cat", "dog", "bone", "paw"),
}


def draw_emblem(c: Canvas, name: str, s: Scheme) -> None:
    """Draw one of the names in `EMBLEMS`, centred."""
    _DRAWN[name](c, s)


def _bowl(c: Canvas, s: Scheme) -> None:
    with c.at(0, 74, 0.72):
        tableware.bowl(c, s.accents[0], 124, 100, band=s.accents[1], inside=food.BROTH)
        tableware.steam(c, 0, -136, 84)


def _dumpling(c: Canvas, s: Scheme) -> None:
    with c.at(0, 48, 1.5):
        food.dumpling(c)


def _fish(c: Canvas, s: Scheme) -> None:
    with c.at(-8, 18, 0.48):
        food.steamed_fish(c, s.accents[0])


def _chilli(c: Canvas, s: Scheme) -> None:
    food.chilli(c, -4, -14, 24, 1.5)
    food.chilli(c, 6, 34, -12, 1.4)


def _cup(c: Canvas, s: Scheme) -> None:
    with c.at(-6, 68, 0.86):
        tableware.cup(c, CREAM, drink=bakery.COFFEE, band=s.accents[0])


def _croissant(c: Canvas, s: Scheme) -> None:
    with c.at(0, 46, 0.78, -8):
        bakery.croissant(c)


def _bean(c: Canvas, s: Scheme) -> None:
    bakery.bean(c, -26, 6, -50, 54)
    bakery.bean(c, 36, 8, -64, 48)


def _scissors(c: Canvas, s: Scheme) -> None:
    with c.at(0, 18, 0.52, 24):
        beauty.scissors(c, s.accents[0])


def _polish(c: Canvas, s: Scheme) -> None:
    with c.at(0, 82, 1.08):
        beauty.polish(c, s.accents[0])


def _leaf(c: Canvas, s: Scheme) -> None:
    for angle in (-44, 44, 0):
        with c.at(0, 70, 1.12, angle):
            beauty.bathtub_leaf(c, 0)


def _dumbbell(c: Canvas, s: Scheme) -> None:
    with c.at(0, 0, 0.62, -28):
        sport.dumbbell(c, s.accents[0])


def _kettlebell(c: Canvas, s: Scheme) -> None:
    with c.at(0, 84, 0.94):
        sport.kettlebell(c, s.accents[0])


def _shuttle(c: Canvas, s: Scheme) -> None:
    with c.at(-24, 44, 1.2, 30):
        sport.shuttle(c, s.accents[0])


def _reel(c: Canvas, s: Scheme) -> None:
    film.reel(c, s.accents[1], 84)


def _popcorn(c: Canvas, s: Scheme) -> None:
    for x, y in ((-40, -46), (0, -60), (40, -46), (-22, -30), (22, -30)):
        film.kernel(c, x, y, 1.0)
    tub = [(-62, -24), (62, -24), (46, 84), (-46, 84)]
    c.poly(tub, WHITE)
    with c.clip(tub):
        for x in (-58, -14, 30):
            c.rect(x, -30, x + 20, 90, s.accents[0], shade=0)


def _ticket(c: Canvas, s: Scheme) -> None:
    with c.at(0, 0, 0.74, -18):
        film.ticket(c, s.accents[1])


def _bed(c: Canvas, s: Scheme) -> None:
    with c.at(0, 66, 0.4):
        rooms.bed(c, WOOD, s.accents[0], s.accents[3])


def _lighthouse(c: Canvas, s: Scheme) -> None:
    with c.at(0, 86, 1.08):
        rooms.lighthouse(c)


def _orange(c: Canvas, s: Scheme) -> None:
    produce.orange(c, 0, 12, 66)


def _tomato(c: Canvas, s: Scheme) -> None:
    produce.tomato(c, 0, 8, 72)


def _carrot(c: Canvas, s: Scheme) -> None:
    produce.carrot(c, 0, 12, 0.74, 24)


def _boat(c: Canvas, s: Scheme) -> None:
    with c.at(0, 76, 0.86):
        toys.toy_boat(c, s.accents[0], s.accents[1])


def _cube(c: Canvas, s: Scheme) -> None:
    toys.cube(c, -36, 70, 74, s.accents[0], "disc")
    toys.cube(c, 40, 70, 70, s.accents[3], "wave")
    toys.cube(c, 0, -6, 70, SUN, "triangle")


def _car(c: Canvas, s: Scheme) -> None:
    with c.at(0, 50, 0.38):
        vehicles.car(c, s.accents[0])


def _wheel(c: Canvas, s: Scheme) -> None:
    vehicles.wheel(c, 80)


def _lamp(c: Canvas, s: Scheme) -> None:
    c.ellipse(0, -10, 88, 88, SUN, shade=0, alpha=60)
    c.rect(-5, -20, 5, 76, DARK_WOOD)
    c.ellipse(0, 78, 40, 9, DARK_WOOD)
    c.poly([(-60, -4), (60, -4), (38, -76), (-38, -76)], s.accents[1])


def _balloon(c: Canvas, s: Scheme) -> None:
    toys.balloon(c, -22, -30, s.accents[0], 0.62)
    toys.balloon(c, 30, -8, s.accents[1], 0.54)


def _cone(c: Canvas, s: Scheme) -> None:
    with c.at(0, 70, 1.05):
        vehicles.cone(c, s.accents[0])


def _bone(c: Canvas, s: Scheme) -> None:
    animals.bone(c, 0, 4, 1.1, CREAM, -28)


def _paw(c: Canvas, s: Scheme) -> None:
    animals.paw(c, 0, 6, 2.0, s.accents[1])


def _cat(c: Canvas, s: Scheme) -> None:
    with c.at(0, 16, 0.86):
        animals.cat_head(c, animals.CAT_COATS[0])


def _dog(c: Canvas, s: Scheme) -> None:
    with c.at(0, 4, 0.86):
        animals.dog_head(c, animals.COATS[0], animals.COATS[2])


_DRAWN = {
    "bowl": _bowl,
    "dumpling": _dumpling,
    "fish": _fish,
    "chilli": _chilli,
    "cup": _cup,
    "croissant": _croissant,
    "bean": _bean,
    "scissors": _scissors,
    "polish": _polish,
    "leaf": _leaf,
    "dumbbell": _dumbbell,
    "kettlebell": _kettlebell,
    "shuttle": _shuttle,
    "reel": _reel,
    "popcorn": _popcorn,
    "ticket": _ticket,
    "bed": _bed,
    "lighthouse": _lighthouse,
    "orange": _orange,
    "tomato": _tomato,
    "carrot": _carrot,
    "boat": _boat,
    "cube": _cube,
    "car": _car,
    "wheel": _wheel,
    "lamp": _lamp,
    "balloon": _balloon,
    "cone": _cone,
    "bone": _bone,
    "paw": _paw,
    "cat": _cat,
    "dog": _dog,
}
