"""Restaurants, ten motifs."""

from __future__ import annotations

from random import Random

from demo.art.backdrop import still_life
from demo.art.canvas import Canvas
from demo.art.objects import bakery, food, tableware
from demo.art.palette import CHARCOAL, CREAM, LEAF, TOMATO, WHITE, Scheme, lit, rgb


def dumplings(c: Canvas, s: Scheme, rng: Random) -> None:
    """A plate of dumplings with vinegar and chopsticks, or a steamer of them."""
    still_life(c, s, rng)
    if rng.random() < 0.5:
        with c.at(-30, 176):
            tableware.plate(c, WHITE, 260, rim=s.accents[0])
        layout = (
            (-150, 150, 1.05),
            (-20, 138, 1.1),
            (110, 150, 1.05),
            (-96, 190, 1.22),
            (44, 192, 1.22),
        )
    else:
        with c.at(-30, 196, 1.5):
            c.shadow(0, 12, 160, 34)
            food.steamer(c)
        layout = ((-130, 96, 0.98), (-30, 88, 1.0), (70, 96, 0.98), (-84, 120, 1.1), (26, 120, 1.1))
        tableware.steam(c, -30, 34, 120)
    for x, y, scale in layout:
        with c.at(x, y, scale, rng.uniform(-7, 7)):
            food.dumpling(c)
    with c.at(262, 216, 1.1):
        food.sauce(c, s.accents[0], rgb("#6b2b1c"))
    with c.at(120, 268):
        tableware.chopsticks(c, s.accents[3])


def noodles(c: Canvas, s: Scheme, rng: Random) -> None:
    """A big bowl of noodles with beef, egg and greens."""
    still_life(c, s, rng)
    with c.at(-10, 206, 1.65):
        tableware.bowl(c, s.accents[0], 138, 112, band=s.accents[2], inside=food.BROTH)
        food.noodle_heap(c, -112, 120, rng)
        food.slices(c, -66, -118, rgb("#8d3f2b"))
        food.half_egg(c, 50, -116, -8)
        food.greens(c, -30, -92, 8, size=0.8)
        food.chilli(c, 88, -102, 24, 0.5)
        c.line([(30, -110), (150, -262)], 8, s.accents[3])
        c.line([(46, -106), (176, -250)], 8, s.accents[3])
        tableware.steam(c, -40, -140, 84)
    with c.at(-270, 224, 1.0):
        food.sauce(c, s.accents[2], food.CHILLI)


def hotpot(c: Canvas, s: Scheme, rng: Random) -> None:
    """A split pot at full boil with plates around it."""
    still_life(c, s, rng, shapes=(0, 1, 2, 3))
    with c.at(0, 196, 1.28):
        food.hot_pot(c, rgb("#f2dca8"), rgb("#c73a22"), rng)
        tableware.steam(c, 0, -176, 96)
    with c.at(-286, 230, 1.0):
        tableware.plate(c, s.accents[2], 92)
        food.slices(c, -28, -6, rgb("#d4685f"), 3)
    with c.at(290, 232, 1.0):
        tableware.plate(c, s.accents[2], 92)
        food.greens(c, -6, -8, -8, size=1.1)
        food.greens(c, 10, 8, 6, lit(LEAF, 0.2), 1.0)


def fish(c: Canvas, s: Scheme, rng: Random) -> None:
    """A whole fish on an oval plate, ginger and spring onion on top."""
    still_life(c, s, rng)
    with c.at(0, 184):
        tableware.plate(c, WHITE, 318, rim=s.accents[0])
    with c.at(-6, 172, 1.28):
        food.steamed_fish(c, rng.choice((food.FISH, rgb("#e58a63"), rgb("#8fb0a6"))))
        food.shreds(c, -26, rng)
    tableware.steam(c, 0, 66, 110)
    with c.at(-256, 106, 0.9):
        tableware.teapot(c, s.accents[0])
    _lemon(c, 226, 196)


def _lemon(c: Canvas, x: float, y: float) -> None:
    with c.at(x, y):
        c.ellipse(0, 0, 34, 30, rgb("#ffd84d"))
        c.ellipse(0, 0, 26, 22, rgb("#fff0a8"), shade=0)
        for angle in (0, 60, 120):
            with c.at(0, 0, 1, angle):
                c.line([(-24, 0), (24, 0)], 3, rgb("#ffd84d"))


def crab(c: Canvas, s: Scheme, rng: Random) -> None:
    """A crab on a plate."""
    still_life(c, s, rng)
    with c.at(0, 190):
        tableware.plate(c, WHITE, 290, rim=s.accents[0])
    food.greens(c, -196, 186, -20, size=1.2)
    food.greens(c, 180, 190, 200, size=1.2)
    with c.at(0, 196, 1.28):
        food.crab(c, rgb("#e4572e"))
    _lemon(c, -150, 214)
    _lemon(c, 160, 216)


def skewers(c: Canvas, s: Scheme, rng: Random) -> None:
    """Skewers over a glowing grill."""
    still_life(c, s, rng)
    c.shadow(0, 238, 300, 34)
    c.rect(-300, 160, 300, 244, CHARCOAL, radius=14)
    c.rect(-276, 150, 276, 186, rgb("#5b2620"), radius=8, shade=0)
    for index in range(16):
        x = -256 + index * 34
        c.ellipse(
            x,
            172 + rng.uniform(-4, 8),
            20,
            12,
            rng.choice((rgb("#f2683c"), rgb("#ffb347"), rgb("#8c2f22"))),
            shade=0.4,
        )
    meats = (rgb("#a8542f"), rgb("#d9823f"), rgb("#4f8f4a"), TOMATO, rgb("#f4c04e"))
    for index in range(5):
        x = -200 + index * 100
        bits = tuple(
            rng.choice(meats[:2]) if step % 2 == 0 else rng.choice(meats[1:]) for step in range(5)
        )
        with c.at(x, 92 + rng.uniform(-6, 6), 0.84, -76):
            food.skewer(c, bits)
    tableware.steam(c, 0, -66, 130)
    with c.at(336, 224, 0.9):
        tableware.bottle(c, s.accents[0], cap=s.accents[1], label=CREAM)


def rice_bowl(c: Canvas, s: Scheme, rng: Random) -> None:
    """A bowl of rice with something good on it, soup beside."""
    still_life(c, s, rng)
    with c.at(-60, 202, 1.55):
        tableware.bowl(c, s.accents[0], 132, 108, band=s.accents[2])
        food.rice_mound(c, -110, 116)
        food.slices(c, -70, -146, rng.choice((rgb("#8d3f2b"), rgb("#c46a2c"))), 4)
        food.half_egg(c, 56, -130, 10)
        food.greens(c, -54, -120, 4, size=0.7)
    with c.at(224, 214, 0.92):
        tableware.bowl(c, s.accents[3], 104, 80, band=s.accents[1], inside=rgb("#e8c77a"))
        tableware.steam(c, 0, -100, 90, count=2)
    with c.at(40, 276):
        tableware.chopsticks(c, s.accents[3], 220)


def dim_sum(c: Canvas, s: Scheme, rng: Random) -> None:
    """Stacked steamers and a teapot."""
    still_life(c, s, rng)
    with c.at(-70, 206, 1.25):
        c.shadow(0, 12, 160, 34)
        food.steamer(c)
        with c.at(0, -56):
            food.steamer(c)
        with c.at(0, -112):
            food.steamer(c)
            for x, y, dot in (
                (-82, -50, None),
                (0, -58, TOMATO),
                (82, -50, None),
                (-44, -34, TOMATO),
                (44, -34, None),
            ):
                with c.at(x, y, 0.9):
                    food.bun(c, WHITE if dot else rgb("#fbe3a6"), dot)
    tableware.steam(c, -70, -60, 110)
    with c.at(222, 200, 1.2):
        tableware.teapot(c, s.accents[0])
    with c.at(118, 250, 0.62):
        tableware.bowl(c, WHITE, 70, 62, inside=rgb("#c9a24a"))


def roast_duck(c: Canvas, s: Scheme, rng: Random) -> None:
    """A duck on a board with pancakes."""
    still_life(c, s, rng)
    with c.at(-20, 196, 1.45):
        tableware.board(c)
    food.greens(c, -230, 176, -24, size=1.3)
    with c.at(-40, 190, 1.28):
        food.roast_duck(c)
    with c.at(240, 226):
        tableware.plate(c, WHITE, 100, rim=s.accents[0])
        for lift in range(4):
            c.ellipse(0, -6 - lift * 8, 70, 17, rgb("#f6e3b8"), shade=0.5)
    with c.at(-268, 236):
        food.sauce(c, s.accents[0], rgb("#4e2117"))


def set_table(c: Canvas, s: Scheme, rng: Random) -> None:
    """A laid table: plate, bowl, flowers, cloth."""
    still_life(c, s, rng)
    with c.at(-40, 232, 1.2):
        tableware.napkin(c, s.accents[1], 460, s.accents[2])
    with c.at(-30, 190):
        tableware.plate(c, WHITE, 220, rim=s.accents[0])
        tableware.plate(c, s.accents[2], 150, rim=s.accents[1])
    with c.at(-30, 186, 0.86):
        tableware.bowl(c, s.accents[0], 104, 82, band=s.accents[2])
        food.rice_mound(c, -82, 88)
    with c.at(232, 172, 1.25):
        tableware.vase(c, s.accents[0], blossom=s.accents[1])
    with c.at(-292, 176, 1.12):
        tableware.bottle(c, s.accents[3], cap=s.accents[1], label=CREAM)
    with c.at(176, 250):
        tableware.chopsticks(c, s.accents[3], 180)


def lamb(c: Canvas, s: Scheme, rng: Random) -> None:
    """A roast leg on a board with flatbread."""
    still_life(c, s, rng)
    with c.at(-10, 192, 1.5):
        tableware.board(c)
    for x, y, angle in ((-210, 168, -30), (-170, 186, -8), (190, 172, 205)):
        food.greens(c, x, y, angle, size=1.2)
    with c.at(-20, 190, 1.35):
        food.roast_leg(c)
    with c.at(-262, 234):
        food.sauce(c, s.accents[0], food.CHILLI)
    with c.at(250, 228):
        tableware.plate(c, WHITE, 104, rim=s.accents[0])
        for lift in range(3):
            c.ellipse(-6 + lift * 6, -8 - lift * 10, 74, 19, rgb("#e6bd78"), shade=0.7)


def jars(c: Canvas, s: Scheme, rng: Random) -> None:
    """Two jars of broth, chillies and a ladle bowl."""
    still_life(c, s, rng)
    for x, tone in ((-120, rgb("#e9cf96")), (70, rgb("#c73a22"))):
        with c.at(x, 200, 1.9):
            bakery.jam_jar(c, tone, s.accents[0])
    with c.at(246, 224, 1.0):
        tableware.bowl(c, s.accents[3], 100, 76, band=s.accents[1], inside=food.BROTH)
        tableware.steam(c, 0, -96, 90, count=2)
    food.chilli(c, -250, 226, -12, 1.3)
    food.chilli(c, -210, 250, 14, 1.2)
    food.greens(c, 70, 240, 6, size=1.1)


MOTIFS = {
    "dumplings": dumplings,
    "noodles": noodles,
    "hotpot": hotpot,
    "fish": fish,
    "crab": crab,
    "skewers": skewers,
    "rice-bowl": rice_bowl,
    "dim-sum": dim_sum,
    "roast-duck": roast_duck,
    "set-table": set_table,
    "lamb": lamb,
    "jars": jars,
}
