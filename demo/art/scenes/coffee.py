"""Coffee and bakery, seven motifs."""

from __future__ import annotations

from random import Random

from demo.art.backdrop import still_life
from demo.art.canvas import Canvas
from demo.art.objects import bakery, tableware
from demo.art.palette import CREAM, SUN, TOMATO, WHITE, Scheme, rgb


def latte(c: Canvas, s: Scheme, rng: Random) -> None:
    """A cup with a rosetta; beans; sometimes a second cup."""
    still_life(c, s, rng)
    pair = rng.random() < 0.5
    if pair:
        with c.at(-150, 130, 1.0, flip=True):
            tableware.cup(c, s.accents[3], drink=bakery.COFFEE, band=s.accents[1])
            bakery.latte_art(c, 0, -95, 66)
    else:
        with c.at(-210, 150, 1.05):
            tableware.vase(c, s.accents[3], blossom=s.accents[1])
    with c.at(80, 178, 1.62, flip=not pair):
        tableware.cup(c, s.accents[2], drink=bakery.COFFEE, band=s.accents[0])
        bakery.latte_art(c, 0, -95, 66)
        tableware.steam(c, 0, -118, 96)
    for _ in range(6):
        bakery.bean(c, rng.uniform(-330, -90), rng.uniform(200, 262), rng.uniform(0, 180), 17)


def iced(c: Canvas, s: Scheme, rng: Random) -> None:
    """Two tall glasses with ice and a slice of orange."""
    still_life(c, s, rng)
    for x, tone, scale in ((-95, bakery.COFFEE, 1.25), (90, s.accents[1], 1.5)):
        with c.at(x, 190, scale):
            tableware.glass(c, tone, straw=s.accents[0] if x > 0 else s.accents[3])
            for dx, dy, turn in ((-14, -132, 12), (16, -112, -20), (-6, -86, 30)):
                tableware.ice(c, dx, dy, turn + rng.uniform(-10, 10))
    _orange_slice(c, 205, 196, 50)
    _orange_slice(c, -232, 206, 40)
    with c.at(262, 232):
        tableware.napkin(c, s.accents[2], 130, s.accents[0])


def _orange_slice(c: Canvas, x: float, y: float, size: float) -> None:
    with c.at(x, y, size / 50):
        c.shadow(2, 40, 46, 10)
        c.ellipse(0, 0, 50, 50, rgb("#f28c28"))
        c.ellipse(0, 0, 42, 42, CREAM, shade=0)
        c.ellipse(0, 0, 38, 38, rgb("#ffb347"), shade=0)
        for angle in range(0, 180, 45):
            with c.at(0, 0, 1, angle):
                c.line([(-38, 0), (38, 0)], 3, CREAM)


def pour_over(c: Canvas, s: Scheme, rng: Random) -> None:
    """A dripper on its server, a kettle, a small cup."""
    still_life(c, s, rng)
    with c.at(-40, 190, 1.42):
        bakery.dripper(c, s.accents[0])
        tableware.steam(c, 0, -236, 70, count=2)
    with c.at(218, 172, 1.15):
        bakery.kettle(c, s.accents[3])
    with c.at(-240, 214, 0.82):
        tableware.cup(c, s.accents[2], drink=bakery.COFFEE, band=s.accents[1])


def beans(c: Canvas, s: Scheme, rng: Random) -> None:
    """A bag, a mill and spilled beans."""
    still_life(c, s, rng)
    with c.at(-70, 184, 1.42):
        bakery.bean_bag(c, s.accents[rng.choice((0, 3))], CREAM, s.accents[1])
    with c.at(152, 196, 1.2):
        bakery.grinder(c, s.accents[1])
    for _ in range(15):
        bakery.bean(
            c, rng.gauss(40, 120), rng.uniform(212, 262), rng.uniform(0, 180), rng.uniform(15, 20)
        )


def croissant(c: Canvas, s: Scheme, rng: Random) -> None:
    """Croissants on a plate beside a small cup."""
    still_life(c, s, rng)
    with c.at(-50, 178):
        tableware.plate(c, WHITE, 250, rim=s.accents[0])
    with c.at(-130, 166, 0.94, -6):
        bakery.croissant(c)
    with c.at(30, 190, 1.16, 4):
        bakery.croissant(c)
    with c.at(270, 150, 0.95):
        tableware.cup(c, s.accents[3], drink=bakery.COFFEE, band=s.accents[1])
        tableware.steam(c, 0, -112, 80, count=2)


def toast(c: Canvas, s: Scheme, rng: Random) -> None:
    """Breakfast on a board: bread, jam, an egg."""
    still_life(c, s, rng)
    with c.at(0, 190, 1.5):
        tableware.board(c)
    with c.at(-120, 172, 1.22):
        bakery.loaf(c)
    with c.at(60, 196, 1.22):
        bakery.slice_of_bread(c, TOMATO if rng.random() < 0.6 else SUN)
    with c.at(196, 196, 1.12):
        bakery.jam_jar(c, TOMATO, s.accents[0])
    with c.at(-246, 214, 1.1):
        bakery.soft_egg(c, s.accents[1])


def cake(c: Canvas, s: Scheme, rng: Random) -> None:
    """A whole cake on a stand."""
    still_life(c, s, rng)
    with c.at(0, 168, 1.3):
        bakery.whole_cake(c, rng.choice((CREAM, rgb("#f7c6bd"))), WHITE, TOMATO, rng)
    bakery.berry(c, -250, 214, 24)
    bakery.berry(c, -206, 234, 21)
    bakery.berry(c, 252, 222, 24)


def cake_slices(c: Canvas, s: Scheme, rng: Random) -> None:
    """Two slices and a cup."""
    still_life(c, s, rng)
    with c.at(-172, 128):
        tableware.plate(c, WHITE, 150, rim=s.accents[1])
    with c.at(-176, 124, 0.95):
        bakery.cake_slice(c, rgb("#a5653c"), rgb("#f3d9b5"), rgb("#5a2f22"))
    with c.at(20, 204):
        tableware.plate(c, WHITE, 200, rim=s.accents[0])
    with c.at(10, 200, 1.28):
        bakery.cake_slice(c, rgb("#f4cf8e"), WHITE, TOMATO)
    with c.at(252, 152, 0.98):
        tableware.cup(c, s.accents[3], drink=bakery.COFFEE, band=s.accents[1])
        tableware.steam(c, 0, -112, 80, count=2)
    bakery.berry(c, -250, 226, 24)


def cookies(c: Canvas, s: Scheme, rng: Random) -> None:
    """Iced biscuits on a board, a tin and milk."""
    still_life(c, s, rng)
    with c.at(-230, 180, 1.2):
        tableware.glass(c, WHITE, height=160)
    with c.at(10, 196, 1.35):
        tableware.board(c)
    icings = (s.accents[0], s.accents[1], rgb("#f2a9b4"), SUN, s.accents[3])
    for index, (x, y) in enumerate(
        ((-150, 168), (-40, 158), (70, 160), (180, 170), (-96, 212), (20, 210), (134, 212))
    ):
        with c.at(x, y, 1.0, rng.uniform(-12, 12)):
            bakery.cookie(c, icings[index % 5], star=index % 2 == 0)
    for index in range(3):
        with c.at(246, 120 - index * 22, 0.9):
            c.ellipse(0, 0, 62, 17, bakery.CRUST)


MOTIFS = {
    "latte": latte,
    "iced": iced,
    "pour-over": pour_over,
    "beans": beans,
    "croissant": croissant,
    "toast": toast,
    "cake": cake,
    "cake-slices": cake_slices,
    "cookies": cookies,
}
