"""Hotels, six motifs."""

from __future__ import annotations

from random import Random

from demo.art.backdrop import ground, hills, still_life, wall
from demo.art.canvas import Canvas
from demo.art.objects import bakery, rooms, tableware
from demo.art.palette import CREAM, DARK_WOOD, LEAF, WHITE, WOOD, Scheme, mix, rgb
from demo.art.scenes.fitness import HAIR, SKINS


def bed(c: Canvas, s: Scheme, rng: Random) -> None:
    """A made bed between two lamps."""
    still_life(c, s, rng, shapes=(1, 2, 3))
    with c.at(-258, 178, 1.08):
        rooms.night_table(c, WOOD, s.accents[1])
    with c.at(278, 178, 1.08):
        rooms.night_table(c, WOOD, s.accents[1])
    with c.at(10, -178, 1.0):
        rooms.picture(c, DARK_WOOD, (s.accents[0], LEAF))
    with c.at(10, 222, 1.08):
        rooms.bed(c, WOOD, s.accents[0], s.accents[3], 380)


def seaview(c: Canvas, s: Scheme, rng: Random) -> None:
    """A window on the bay and the foot of a bed."""
    wall(c, s.wall)
    ground(c, s.ground, 170)
    with c.at(-20, 128, 1.0):
        rooms.sea_window(c, WHITE, s.accents[1], rng)
    with c.at(0, 330, 1.5):
        c.smooth([(-330, -60), (0, -78), (330, -60), (350, 40), (-350, 40)], WHITE)
        c.smooth([(-330, -30), (0, -46), (330, -30), (350, 60), (-350, 60)], s.accents[0])
    with c.at(-236, 238, 0.9, 6):
        tableware.cup(c, WHITE, drink=bakery.COFFEE, band=s.accents[3])


def breakfast(c: Canvas, s: Scheme, rng: Random) -> None:
    """A tray of breakfast."""
    still_life(c, s, rng)
    with c.at(0, 214, 1.12):
        rooms.breakfast_tray(c, WOOD)
    if rng.random() < 0.5:
        with c.at(-60, 190):
            tableware.plate(c, WHITE, 150, rim=s.accents[0])
        with c.at(-60, 184, 1.2):
            rooms.pancakes(c)
    else:
        with c.at(-60, 190):
            tableware.plate(c, WHITE, 176, rim=s.accents[0])
        with c.at(-10, 176, 0.66, 6):
            bakery.croissant(c)
        with c.at(-134, 192, 1.0):
            rooms.fried_egg(c)
    with c.at(206, 200, 1.0):
        tableware.cup(c, s.accents[0], drink=bakery.COFFEE, band=CREAM)
        tableware.steam(c, 0, -112, 80, count=2)
    with c.at(-262, 200, 0.98):
        tableware.glass(c, rgb("#ffae3d"), height=150)
    with c.at(92, 150, 0.86):
        tableware.vase(c, s.accents[3], blossom=s.accents[1])


def hot_spring(c: Canvas, s: Scheme, rng: Random) -> None:
    """A pool among rocks and bamboo, someone in it."""
    wall(c, s.wall)
    hills(c, mix(s.wall, LEAF, 0.35), rng)
    c.rect(-2600, 60, 2600, 700, mix(s.ground, LEAF, 0.25), shade=0)
    for x in (-330, -296, -262, 268, 304, 338):
        with c.at(x, 110 + rng.uniform(-10, 10)):
            rooms.bamboo(c, rng.uniform(330, 460), rng)
    with c.at(0, 176, 1.04):
        rooms.hot_spring(c, rgb("#63b5bd"), rng)
    with c.at(rng.choice((-80, 60)), 168, 1.25):
        rooms.bather(c, rng.choice(SKINS), rng.choice(HAIR))
        c.ellipse(0, 14, 96, 13, rgb("#8fd0d4"), shade=0)
    tableware.steam(c, -150, 120, 120, count=2)
    tableware.steam(c, 170, 110, 120, count=2)


def lounge(c: Canvas, s: Scheme, rng: Random) -> None:
    """An armchair, a lamp, tea on a small table."""
    still_life(c, s, rng, shapes=(1, 2, 3))
    with c.at(-272, 190, 1.0):
        rooms.floor_lamp(c, s.accents[1])
    with c.at(-20, -176):
        rooms.picture(c, DARK_WOOD, (s.accents[3], s.accents[0]))
    c.ellipse(20, 226, 340, 42, mix(s.ground, CREAM, 0.35), shade=0)
    with c.at(-90, 216, 1.2):
        rooms.armchair(c, s.accents[0], s.accents[3])
    with c.at(184, 226, 1.2):
        rooms.side_table(c)
        with c.at(0, -122, 0.92):
            rooms.tea_tower(c, rng)


def bunk(c: Canvas, s: Scheme, rng: Random) -> None:
    """A cabin with bunk beds, a porthole and a bear."""
    wall(c, s.wall)
    for x in range(-18, 19):
        c.line([(x * 50, -700), (x * 50, 150)], 3, mix(s.wall, CREAM, 0.5))
    ground(c, s.ground, 150)
    with c.at(284, -96, 1.1):
        rooms.porthole(c, s.accents[0])
    with c.at(-60, 222, 1.06):
        rooms.bunk_bed(c, WOOD, s.accents[0], s.accents[3])
    with c.at(278, 232, 1.05):
        _bear(c, rgb("#b97a4a"))


def _bear(c: Canvas, color: tuple[int, int, int]) -> None:
    c.shadow(0, 2, 60, 12)
    for side in (-1, 1):
        c.ellipse(side * 40, -14, 24, 20, color)
        c.ellipse(side * 46, -60, 17, 26, color, angle=side * -24)
        c.ellipse(side * 28, -146, 16, 16, color)
    c.ellipse(0, -50, 46, 50, color)
    c.ellipse(0, -112, 42, 40, color)
    c.ellipse(0, -100, 20, 16, CREAM, shade=0)
    c.ellipse(0, -106, 7, 5, DARK_WOOD, shade=0)
    for side in (-1, 1):
        c.ellipse(side * 15, -120, 4, 4, DARK_WOOD, shade=0)


MOTIFS = {
    "bed": bed,
    "seaview": seaview,
    "breakfast": breakfast,
    "hot-spring": hot_spring,
    "lounge": lounge,
    "bunk": bunk,
}
