"""Car care, seven motifs."""

from __future__ import annotations

from random import Random

from demo.art.backdrop import arch, ground, sun, tiles, wall
from demo.art.canvas import Canvas
from demo.art.objects import beauty, vehicles
from demo.art.palette import CHARCOAL, CREAM, SUN, WHITE, Scheme, lit, mix, rgb


def _bay(c: Canvas, s: Scheme, rng: Random) -> None:
    """A garage wall with a painted stripe, a floor with a bay line."""
    wall(c, s.wall)
    rng.choice((sun, arch, tiles))(c, mix(s.wall, CREAM, 0.42), rng)
    width = c.half_width * 1.5
    ground(c, s.ground)
    for x in (-1, 1):
        c.poly(
            [(x * 300, 100), (x * 316, 100), (x * 460, 420), (x * 430, 420)],
            mix(s.ground, CREAM, 0.4),
            0,
        )
    c.rect(-width, 84, width, 97, s.accents[3], shade=0)


def wash(c: Canvas, s: Scheme, rng: Random) -> None:
    """A car under suds and bubbles."""
    _bay(c, s, rng)
    color = rng.choice((s.accents[0], s.accents[3], s.accents[1]))
    front = rng.random() < 0.4
    with c.at(-10, 216, 1.22 if front else 1.24, flip=rng.random() < 0.5):
        (vehicles.car_front if front else vehicles.car)(c, color)
    if front:
        vehicles.foam(c, -10, -134, 120, rng, 12)
        vehicles.foam(c, -180, 30, 50, rng, 6)
        vehicles.foam(c, 190, 60, 44, rng, 6)
    else:
        vehicles.foam(c, 0, -52, 130, rng, 12)
        vehicles.foam(c, -190, 60, 60, rng, 7)
        vehicles.foam(c, 220, 50, 50, rng, 7)
    for _ in range(11):
        vehicles.bubble(c, rng.uniform(-340, 340), rng.uniform(-260, 60), rng.uniform(10, 34))
    with c.at(278, 246, 0.82):
        vehicles.bucket(c, s.accents[1], rng)


def buckets(c: Canvas, s: Scheme, rng: Random) -> None:
    """Two buckets, a sponge, a bottle and towels."""
    _bay(c, s, rng)
    with c.at(252, 184, 1.15):
        vehicles.spray_bottle(c, s.accents[3], CREAM)
    with c.at(-110, 206, 1.45):
        vehicles.bucket(c, s.accents[0], rng)
    with c.at(96, 222, 1.3):
        vehicles.bucket(c, s.accents[1], rng)
    with c.at(-290, 226, 0.72):
        beauty.towels(c, (s.accents[3], WHITE, s.accents[1]))
    with c.at(238, 254, 0.95):
        vehicles.sponge(c)
    for _ in range(8):
        vehicles.bubble(c, rng.uniform(-320, 320), rng.uniform(-260, 0), rng.uniform(10, 30))


def polish(c: Canvas, s: Scheme, rng: Random) -> None:
    """A gleaming car and the machine that did it."""
    _bay(c, s, rng)
    color = rng.choice((s.accents[0], s.accents[3]))
    with c.at(20, 184, 1.2, flip=rng.random() < 0.5):
        vehicles.car(c, color)
    with c.at(-190, 262, 1.05):
        vehicles.polisher(c, s.accents[1])
    with c.at(290, 250, 0.9):
        beauty.jar(c, s.accents[1], CHARCOAL)
    for x, y, size in ((-150, -40, 44), (120, -104, 60), (230, 30, 34), (-40, 30, 26)):
        vehicles.gleam(c, x, y, size)


def interior(c: Canvas, s: Scheme, rng: Random) -> None:
    """A clean seat, a vacuum, a spray."""
    _bay(c, s, rng)
    with c.at(-130, 216, 1.25):
        vehicles.seat(c, s.accents[3], rng.choice((CREAM, lit(s.accents[1], 0.3))))
    with c.at(200, 232, 1.2):
        vehicles.vacuum(c, s.accents[0])
    with c.at(-320, 226, 0.9):
        vehicles.spray_bottle(c, s.accents[1], CREAM)
    for x, y, size in ((-60, -190, 34), (20, -40, 24), (-250, -40, 28)):
        vehicles.gleam(c, x, y, size)


def tyre(c: Canvas, s: Scheme, rng: Random) -> None:
    """Tyres, a spanner and a cone."""
    _bay(c, s, rng)
    c.shadow(20, 226, 230, 26)
    with c.at(146, 92, 1.0, rng.uniform(0, 60)):
        vehicles.tyre(c, 128)
    with c.at(-90, 62, 1.0):
        vehicles.tyre(c, 160, lit(s.accents[1], 0.1) if rng.random() < 0.4 else rgb("#c3d0d8"))
    with c.at(284, 234, 1.1):
        vehicles.cone(c, s.accents[0])
    with c.at(40, 246, 0.98, -6):
        vehicles.wrench(c)


def oil(c: Canvas, s: Scheme, rng: Random) -> None:
    """A canister, a funnel, golden drops."""
    _bay(c, s, rng)
    with c.at(-110, 206, 1.42):
        vehicles.oil_can(c, s.accents[0] if rng.random() < 0.6 else s.accents[3], CREAM)
    with c.at(140, 140, 1.3):
        vehicles.funnel(c, s.accents[1])
    for y, size in ((186, 0.7), (232, 0.9)):
        with c.at(140, y):
            vehicles.drop(c, rgb("#f0a12c"), size)
    with c.at(150, 262, 1.0):
        c.ellipse(0, 0, 90, 11, rgb("#f0a12c"), shade=0.5)
    with c.at(-60, 252, 0.82, 8):
        vehicles.wrench(c)
    with c.at(290, 190, 0.6):
        vehicles.tyre(c, 120)


def charging(c: Canvas, s: Scheme, rng: Random) -> None:
    """A car at a charging pile, by dusk or day."""
    dusk = rng.random() < 0.4
    wall(c, mix(s.wall, rgb("#e88f6a"), 0.35) if dusk else s.wall)
    c.ellipse(-160, -40, 150, 150, mix(s.wall, CREAM, 0.6) if not dusk else SUN, shade=0)
    tone = mix(s.wall, s.accents[3], 0.34)
    for index in range(9):
        x, height = -420 + index * 100, rng.uniform(90, 230)
        c.rect(x, 97 - height, x + 84, 97, tone, shade=0)
        for _ in range(4):
            wx, wy = x + rng.choice((14, 40, 60)), 97 - rng.uniform(24, height - 14)
            c.rect(wx, wy, wx + 12, wy + 14, lit(SUN, 0.3) if dusk else lit(tone, 0.5), shade=0)
    ground(c, s.ground)
    with c.at(-96, 222, 1.0):
        vehicles.car(c, rng.choice((s.accents[0], WHITE, s.accents[1])))
    with c.at(262, 206, 1.0):
        vehicles.charger(c, WHITE, s.accents[3])
    vehicles.cable(c, [(228, 124), (190, 214), (148, 230), (112, 180), (96, 124)])
    vehicles.leaf_mark(c, 262, 128, 0.7)


MOTIFS = {
    "wash": wash,
    "buckets": buckets,
    "polish": polish,
    "interior": interior,
    "tyre": tyre,
    "oil": oil,
    "charging": charging,
}
