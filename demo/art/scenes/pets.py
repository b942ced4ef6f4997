"""Pets, seven motifs."""

from __future__ import annotations

from random import Random

from demo.art.backdrop import hills, still_life, wall
from demo.art.canvas import Canvas
from demo.art.objects import animals, rooms, toys, vehicles
from demo.art.palette import (
    CREAM,
    LEAF,
    SUN,
    TOMATO,
    WHITE,
    WOOD,
    Scheme,
    lit,
    mix,
    rgb,
    shaded,
)


def dog_bath(c: Canvas, s: Scheme, rng: Random) -> None:
    """A dog in a tub of suds, a duck beside."""
    still_life(c, s, rng, shapes=(0, 1, 2))
    coat = rng.choice(animals.COATS)
    c.shadow(0, 240, 260, 28)
    with c.at(0, -38, 1.5):
        c.smooth([(-84, 110), (-70, 30), (70, 30), (84, 110)], coat)
        animals.dog_head(c, coat, shaded(coat, 0.3), tongue=rng.random() < 0.7)
        for dx, dy, size in ((-26, -86, 20), (4, -98, 26), (34, -88, 19), (10, -118, 15)):
            c.ellipse(dx, dy, size, size, WHITE, shade=0.6)
    with c.at(0, 240, 1.3):
        animals.tub(c, s.accents[0], rng)
    for side in (-1, 1):
        c.ellipse(side * 112, 66, 42, 28, lit(coat, 0.25))
    for _ in range(9):
        vehicles.bubble(c, rng.uniform(-330, 330), rng.uniform(-250, 20), rng.uniform(10, 30))
    with c.at(296, 250, 1.1, flip=True):
        animals.duck(c)


def grooming(c: Canvas, s: Scheme, rng: Random) -> None:
    """A trimmed poodle on the table with tools."""
    still_life(c, s, rng, shapes=(0, 1, 3))
    c.ellipse(0, 226, 250, 34, shaded(s.accents[1], 0.1), shade=0)
    c.ellipse(0, 218, 250, 34, s.accents[1], shade=0.4)
    with c.at(0, 216, 1.12):
        animals.poodle(
            c,
            rng.choice((rgb("#f4e6d0"), rgb("#d9a06a"), rgb("#c9c3bd"), rgb("#9a6a4a"))),
            s.accents[0],
        )
    with c.at(-290, 246, 0.9, -6):
        animals.brush_tool(c, s.accents[0])
    with c.at(292, 206, 0.95):
        vehicles.spray_bottle(c, s.accents[3], CREAM)
    for x, y, size in ((-170, -160, 28), (190, -190, 36), (150, -60, 20)):
        vehicles.gleam(c, x, y, size)


def cat(c: Canvas, s: Scheme, rng: Random) -> None:
    """A cat on its cushion, awake or asleep."""
    still_life(c, s, rng)
    coat = rng.choice(animals.CAT_COATS)
    with c.at(-10, 206, 1.3):
        animals.cushion(c, s.accents[0])
    if rng.random() < 0.5:
        with c.at(-10, 200, 1.3):
            animals.cat_sitting(c, coat, s.accents[1], eyes=rng.choice((LEAF, SUN)))
    else:
        with c.at(-10, 210, 1.36):
            animals.cat_asleep(c, coat)
        with c.at(-20, -176):
            rooms.picture(c, WOOD, (s.accents[3], LEAF))
    with c.at(266, 256, 1.0):
        animals.yarn(c, s.accents[1])


def cat_tree(c: Canvas, s: Scheme, rng: Random) -> None:
    """A climbing tree with a cat on top."""
    still_life(c, s, rng, shapes=(1, 2, 3))
    with c.at(-20, 244, 1.08):
        animals.cat_tree(c, s.accents[0])
        with c.at(90, -220, 0.7):
            animals.cat_sitting(c, rng.choice(animals.CAT_COATS), s.accents[1])
    with c.at(262, 250, 0.9):
        animals.yarn(c, s.accents[1])


def boarding(c: Canvas, s: Scheme, rng: Random) -> None:
    """A dog in front of its house in a garden."""
    wall(c, s.wall)
    hills(c, mix(s.wall, LEAF, 0.35), rng)
    c.rect(-2600, 120, 2600, 700, rgb("#93bf72"), shade=0)
    rooms.cloud(c, -220, -220, 1.3)
    rooms.cloud(c, 250, -200, 0.9)
    with c.at(-300, 150, 1.0):
        toys.tree(c)
    for x in range(-8, 9):
        c.rect(x * 56 - 11, 60, x * 56 + 11, 142, WHITE, radius=6, shade=0.4)
    c.rect(-2600, 84, 2600, 98, WHITE, shade=0)
    with c.at(-80, 214, 1.2):
        animals.kennel(c, lit(WOOD, 0.15), s.accents[0])
    coat = rng.choice(animals.COATS)
    with c.at(170, 244, 1.02):
        animals.dog_sitting(c, coat, shaded(coat, 0.3), s.accents[1])
    animals.bone(c, -250, 250, 0.7, CREAM, -14)


def clinic(c: Canvas, s: Scheme, rng: Random) -> None:
    """A patient on the table with case and stethoscope."""
    still_life(c, s, rng, shapes=(1, 2))
    with c.at(208, 196, 1.15):
        animals.first_aid(c, s.accents[0])
    if rng.random() < 0.5:
        coat = rng.choice(animals.COATS)
        with c.at(-110, 210, 1.16):
            animals.dog_sitting(c, coat, shaded(coat, 0.3), s.accents[1])
    else:
        with c.at(-110, 210, 1.32):
            animals.cat_sitting(c, rng.choice(animals.CAT_COATS), s.accents[1])
    with c.at(70, 206, 0.9):
        animals.stethoscope(c, s.accents[3])
    for x, y, size in ((200, -150, 0.9), (260, -90, 0.6)):
        with c.at(x, y, size):
            c.smooth([(0, 44), (-48, -4), (-30, -42), (0, -20), (30, -42), (48, -4)], TOMATO)


def food(c: Canvas, s: Scheme, rng: Random) -> None:
    """A sack, a full bowl and someone who smelled it."""
    still_life(c, s, rng)
    with c.at(-170, 190, 1.22):
        animals.kibble_bag(c, s.accents[0], CREAM)
    with c.at(196, 190, 0.98):
        if rng.random() < 0.5:
            coat = rng.choice(animals.COATS)
            animals.dog_sitting(c, coat, shaded(coat, 0.3), s.accents[1])
        else:
            with c.at(0, 0, 1.15):
                animals.cat_sitting(c, rng.choice(animals.CAT_COATS), s.accents[1])
    with c.at(20, 244, 1.12):
        animals.food_bowl(c, s.accents[3], rgb("#b5763f"), rng)
    animals.bone(c, -290, 250, 0.62, CREAM, 12)


MOTIFS = {
    "dog-bath": dog_bath,
    "grooming": grooming,
    "cat": cat,
    "cat-tree": cat_tree,
    "boarding": boarding,
    "clinic": clinic,
    "food": food,
}
