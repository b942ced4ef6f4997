"""Cinema, six motifs, by night."""

from __future__ import annotations

from random import Random

from demo.art.backdrop import GROUND_Y, ground, sun, wall
from demo.art.canvas import Canvas
from demo.art.objects import film
from demo.art.palette import CREAM, SUN, WHITE, Scheme, lit, mix, rgb, shaded


def _night(c: Canvas, s: Scheme, rng: Random) -> None:
    """Wall with a spotlight, dark counter, a string of bulbs."""
    wall(c, s.wall)
    sun(c, mix(s.wall, s.accents[3], 0.28), rng)
    ground(c, mix(s.ground, s.wall, 0.25))
    width = c.half_width * 1.4
    c.line(
        [(-width, -280), (-width / 2, -214), (0, -276), (width / 2, -210), (width, -280)],
        4,
        shaded(s.wall, 0.5),
        curve=True,
    )
    for index in range(-7, 8):
        x = index * width / 7
        y = -234 + 18 * (index % 3)
        c.ellipse(x, y, 26, 26, SUN, shade=0, alpha=40)
        c.ellipse(x, y, 11, 11, lit(SUN, 0.3), shade=0)


def screen(c: Canvas, s: Scheme, rng: Random) -> None:
    """The screen over rows of seats."""
    wall(c, s.ground)
    c.poly([(-270, -260), (270, -260), (760, 420), (-760, 420)], lit(s.wall, 0.12), 0)
    with c.at(0, -6, 1.1):
        film.screen(c, rng, s.accents)
    film.curtain(c, s.accents[0], -1)
    film.curtain(c, s.accents[0], 1)
    film.seat_row(c, 108, mix(s.accents[0], s.ground, 0.35), step=96)
    heads = rng.sample(range(-3, 4), 4)
    for spot in heads[:2]:
        film.head(c, spot * 120, 156, shaded(s.ground, 0.2), bun=spot % 2 == 0)
    film.seat_row(c, 186, mix(s.accents[0], s.ground, 0.12), step=122, shift=30)


def popcorn(c: Canvas, s: Scheme, rng: Random) -> None:
    """A tub of popcorn with two drinks."""
    _night(c, s, rng)
    with c.at(206, 190, 1.3):
        film.soda(c, s.accents[3], WHITE)
    if rng.random() < 0.6:
        with c.at(-214, 190, 1.2):
            film.soda(c, s.accents[1], WHITE)
    with c.at(0, 208, 1.68):
        film.popcorn_tub(c, s.accents[0], rng)
    for _ in range(6):
        film.kernel(c, rng.uniform(-300, 300), rng.uniform(228, 256), 0.9)


def tickets(c: Canvas, s: Scheme, rng: Random) -> None:
    """A fan of tickets with popcorn behind."""
    _night(c, s, rng)
    with c.at(-196, 176, 1.25):
        film.popcorn_tub(c, s.accents[0], rng)
    tones = (s.accents[1], s.accents[3], CREAM)
    for index, angle in enumerate((-26, -8, 10)):
        with c.at(86 + index * 14, 96 + index * 30, 1.5, angle + rng.uniform(-3, 3)):
            film.ticket(c, tones[index])
    for x, y, size in ((-60, -170, 16), (300, -120, 20), (250, -178, 11)):
        film.star(c, x, y, size, SUN)


def glasses(c: Canvas, s: Scheme, rng: Random) -> None:
    """3D glasses before two drinks; stars leap out."""
    _night(c, s, rng)
    with c.at(-230, 170, 1.1):
        film.soda(c, s.accents[0], WHITE)
    with c.at(240, 176, 1.1):
        film.popcorn_tub(c, s.accents[0], rng)
    c.shadow(0, 232, 230, 24)
    with c.at(0, 156, 1.38, rng.uniform(-7, 4)):
        film.glasses(c, WHITE, rgb("#e2533d"), rgb("#3a86c8"))
    for x, y, size, tone in (
        (-70, -60, 40, SUN),
        (60, -130, 26, s.accents[0]),
        (110, -30, 18, CREAM),
        (-130, -150, 18, CREAM),
    ):
        film.star(c, x + 8, y + 6, size, shaded(s.wall, 0.4))
        film.star(c, x, y, size, tone)


def sofa(c: Canvas, s: Scheme, rng: Random) -> None:
    """A deep sofa under a warm lamp, something to eat on the side."""
    wall(c, s.wall)
    ground(c, mix(s.ground, s.wall, 0.3), GROUND_Y + 40)
    c.ellipse(250, -170, 230, 230, SUN, shade=0, alpha=30)
    c.ellipse(250, -170, 140, 140, SUN, shade=0, alpha=40)
    c.rect(-250, -230, 60, -70, mix(s.wall, CREAM, 0.16), radius=6, shade=0)
    c.poly(
        [(-230, -90), (-150, -176), (-90, -120), (-30, -196), (44, -90)],
        mix(s.wall, s.accents[3], 0.5),
        0,
    )
    c.line([(250, 190), (250, -130)], 9, CREAM)
    c.poly([(186, -116), (314, -116), (286, -204), (214, -204)], s.accents[1])
    c.ellipse(0, 226, 330, 40, mix(s.ground, s.accents[0], 0.35), shade=0)
    with c.at(-30, 210, 1.25):
        film.sofa(c, s.accents[0], s.accents[1])
    with c.at(-290, 236, 0.82):
        film.popcorn_tub(c, s.accents[3], rng)


def reel(c: Canvas, s: Scheme, rng: Random) -> None:
    """Two reels and a ribbon of film."""
    _night(c, s, rng)
    c.shadow(0, 236, 290, 26)
    with c.at(122, 92, 1.18, rng.uniform(0, 60)):
        film.reel(c, s.accents[3], 122)
    with c.at(-150, 40, 1.28, rng.uniform(0, 60)):
        film.reel(c, s.accents[1], 138)
    film.film_strip(
        c,
        [(-420, 236), (-250, 214), (-80, 236), (90, 214), (260, 236), (440, 210)],
        (s.accents[0], CREAM, s.accents[3]),
    )


MOTIFS = {
    "screen": screen,
    "popcorn": popcorn,
    "tickets": tickets,
    "glasses": glasses,
    "sofa": sofa,
    "reel": reel,
}
