"""Kids, seven motifs."""

from __future__ import annotations

from random import Random

from demo.art.backdrop import hills, still_life, wall
from demo.art.canvas import Canvas
from demo.art.objects import bakery, rooms, toys
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
from demo.art.scenes.fitness import HAIR, SKINS

_MARKS = ("disc", "triangle", "square", "wave")


def blocks(c: Canvas, s: Scheme, rng: Random) -> None:
    """A tower, a bridge and a boat on wheels."""
    still_life(c, s, rng)
    tones = [s.accents[0], s.accents[1], s.accents[3], SUN]
    rng.shuffle(tones)
    c.shadow(-110, 214, 230, 24)
    for x, y, tone, mark in ((-240, 206, 0, 0), (-120, 206, 1, 1), (-180, 96, 2, 2)):
        toys.cube(c, x, y, 112, tones[tone], _MARKS[(mark + rng.randrange(4)) % 4])
    toys.roof(c, -180, -14, 124, tones[3])
    toys.bridge(c, 30, 206, 190, lit(WOOD, 0.2))
    toys.cube(c, 30, 106, 92, tones[0], "wave", rng.uniform(-6, 6))
    c.rect(-2, -58, 62, 14, tones[1], radius=8)
    with c.at(228, 224, 1.25):
        toys.toy_boat(c, tones[2], tones[0])


def ball_pit(c: Canvas, s: Scheme, rng: Random) -> None:
    """Children up to their waists in balls, a slide behind."""
    wall(c, s.wall)
    toys.bunting(c, (s.accents[0], s.accents[1], s.accents[3], WHITE))
    with c.at(-120, 150, 0.98):
        toys.slide(c, s.accents[0], s.accents[3])
    tones = (s.accents[0], s.accents[1], s.accents[3], SUN, s.ground, CREAM)
    toys.balls(c, tones, rng, top=116, rows=1)
    spots = [(70, 152, 1.22), (262, 162, 1.05)]
    for index, (x, y, size) in enumerate(spots[: rng.choice((1, 2, 2))]):
        with c.at(x, y, size):
            toys.child(
                c,
                rng.choice(SKINS),
                rng.choice(HAIR),
                s.accents[1 if index else 3],
                bunches=bool(rng.getrandbits(1)),
            )
    toys.balls(c, tones, rng, top=158, rows=5)


def birthday(c: Canvas, s: Scheme, rng: Random) -> None:
    """A cake under balloons and flags."""
    still_life(c, s, rng, shapes=(0, 1))
    toys.bunting(c, (s.accents[0], s.accents[1], s.accents[3], WHITE))
    for x, y, tone in ((-260, -50, 0), (-180, -110, 1), (236, -90, 3), (300, -10, 0)):
        toys.balloon(c, x, y, s.accents[tone], 1.15)
    with c.at(0, 180, 1.2):
        bakery.whole_cake(c, rgb("#f9cfc8"), WHITE, TOMATO, rng)
    for x, tone in ((-232, 1), (240, 3)):
        c.shadow(x, 244, 62, 12)
        c.rect(x - 56, 160, x + 56, 244, s.accents[tone], radius=6)
        c.rect(x - 64, 140, x + 64, 168, lit(s.accents[tone], 0.2), radius=6)
        c.rect(x - 10, 140, x + 10, 244, WHITE, shade=0)
        c.smooth([(x, 140), (x - 44, 110), (x - 50, 134)], WHITE, shade=0.5)
        c.smooth([(x, 140), (x + 44, 110), (x + 50, 134)], WHITE, shade=0.5)


def crayons(c: Canvas, s: Scheme, rng: Random) -> None:
    """A picture, crayons and pots of paint."""
    still_life(c, s, rng)
    tones = (s.accents[3], s.accents[0], s.accents[1], LEAF)
    with c.at(-70, 20, 1.26, rng.uniform(-7, -2)):
        toys.drawing(c, WHITE, (rgb("#4aa3c4"), s.accents[0], s.accents[1]), rng)
    c.shadow(0, 250, 320, 16)
    for index, x in enumerate((-250, -130, 0)):
        toys.crayon(c, x - 60, 246 + index * 6, tones[index], 78 + rng.uniform(-8, 8), 130)
    with c.at(236, 220, 1.08):
        toys.paint_pots(c, (TOMATO, SUN, s.accents[3]))
    for index, lean in enumerate((-14, 6, 20)):
        toys.crayon(c, 226 + index * 22, 158, tones[(index + 1) % 4], lean, 110)
    c.rect(196, 86, 304, 172, CREAM, radius=12)
    c.rect(196, 112, 304, 132, s.accents[0], shade=0)


def books(c: Canvas, s: Scheme, rng: Random) -> None:
    """A shelf of books and one lying open."""
    still_life(c, s, rng, shapes=(1, 2, 3))
    tones = [s.accents[0], s.accents[1], s.accents[3], SUN, LEAF, s.ground, rgb("#e2738a")]
    rng.shuffle(tones)
    c.rect(-330, -12, 330, 14, WOOD, radius=6)
    for bracket in (-280, 280):
        c.poly([(bracket - 12, 14), (bracket + 12, 14), (bracket, 44)], shaded(WOOD, 0.2), 0)
    with c.at(0, -12):
        x = -300.0
        for index in range(8):
            width = rng.uniform(36, 54)
            toys.book_upright(c, x, width, rng.uniform(126, 182), tones[index % len(tones)])
            x += width + 5
        toys.book_upright(c, x + 16, 44, 160, tones[2], -14)
    with c.at(248, -12, 0.72):
        toys.toy_boat(c, s.accents[0], s.accents[1])
    with c.at(0, 196, 1.2):
        toys.open_book(c, s.accents[3], (rgb("#6fbfd6"), s.accents[0], SUN))


def piano(c: Canvas, s: Scheme, rng: Random) -> None:
    """A small piano with coloured keys, notes in the air."""
    still_life(c, s, rng, shapes=(0, 1, 3))
    with c.at(0, 236, 0.98):
        toys.piano(c, s.accents[3], (TOMATO, SUN, LEAF, s.accents[0], rgb("#9b6fc0")))
        with c.at(-150, -342, 0.8):
            toys.toy_boat(c, s.accents[0], SUN)
    for x, y, tone, pair in ((40, -160, 0, True), (214, -186, 1, False), (300, -60, 3, False)):
        toys.note(c, x, y + rng.uniform(-16, 16), s.accents[tone], 1.05, pair=pair)


def swing(c: Canvas, s: Scheme, rng: Random) -> None:
    """A garden swing with a child, a tree and a picnic."""
    wall(c, s.wall)
    hills(c, mix(s.wall, LEAF, 0.3), rng)
    c.rect(-2600, 110, 2600, 700, rgb("#8fbf6c"), shade=0)
    rooms.cloud(c, -230, -210, 1.3)
    rooms.cloud(c, 170, -246, 1.0)
    with c.at(-300, 140, 1.1):
        toys.tree(c)
    with c.at(60, 224, 1.12):
        toys.swing(c, WOOD, s.accents[0])
        with c.at(-22, -76, 0.98):
            c.line([(-26, 10), (-40, 60), (-10, 92)], 28, s.accents[3], curve=True)
            c.line([(22, 10), (28, 62), (60, 88)], 28, shaded(s.accents[3], 0.1), curve=True)
            toys.child(
                c,
                rng.choice(SKINS),
                rng.choice(HAIR),
                s.accents[1],
                bunches=bool(rng.getrandbits(1)),
            )
    with c.at(-190, 240, 0.9):
        toys.picnic(c, s.accents[0])
    for x in (-340, 220, 300, 350):
        y = rng.uniform(200, 262)
        c.ellipse(x, y, 8, 8, WHITE, shade=0)
        c.ellipse(x, y, 3, 3, SUN, shade=0)


MOTIFS = {
    "blocks": blocks,
    "ball-pit": ball_pit,
    "birthday": birthday,
    "crayons": crayons,
    "books": books,
    "piano": piano,
    "swing": swing,
}
