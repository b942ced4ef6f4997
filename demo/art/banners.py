"""Wide pictures: a trade's scene with calm wall for words on the left, or the whole harbour street."""

from __future__ import annotations

from random import Random

from demo.art.canvas import Canvas
from demo.art.fronts import STREET_Y, bicycle, front, street_lamp, tub_tree
from demo.art.objects import animals, rooms
from demo.art.palette import LEAF, SCHEMES, SEA, SUN, WHITE, lit, mix, rgb, shaded

_TRADES = tuple(SCHEMES)


def harbour_street(c: Canvas, rng: Random) -> None:
    """Shops along the quay, hills and the lighthouse behind, evening sun on the water."""
    sky = rng.choice((rgb("#fbd9ae"), rgb("#c8e6f2"), rgb("#f9cdb8")))
    far = max(c.half_width, 400) * 1.1
    c.rect(-4000, -3000, 4000, 3000, sky, shade=0)
    c.ellipse(-far * 0.48, -90, 120, 120, lit(SUN, 0.35), shade=0)
    for x in (-0.75, -0.2, 0.3, 0.8):
        rooms.cloud(c, far * x, -230 + rng.uniform(-20, 30), rng.uniform(0.9, 1.5))
    tone = mix(sky, LEAF, 0.4)
    c.smooth(
        [
            (-far - 200, 40),
            (-far * 0.6, -90),
            (-far * 0.1, 0),
            (far * 0.4, -120),
            (far + 200, -10),
            (far + 200, 300),
            (-far - 200, 300),
        ],
        tone,
        shade=0,
    )
    c.smooth(
        [
            (-far - 200, 80),
            (-far * 0.3, 10),
            (far * 0.2, 70),
            (far * 0.7, -20),
            (far + 200, 50),
            (far + 200, 300),
            (-far - 200, 300),
        ],
        shaded(mix(tone, LEAF, 0.4), 0.06),
        shade=0,
    )
    c.rect(-4000, 86, 4000, 3000, lit(SEA, 0.2), shade=0)
    for _ in range(22):
        x, y = rng.uniform(-far, far), rng.uniform(96, 190)
        c.line([(x, y), (x + 50, y)], 4, lit(SEA, 0.55))
    with c.at(-far * 0.7, 110, 1.9):
        rooms.lighthouse(c)
    for x in (-0.5, -0.28):
        with c.at(far * x, 150 + rng.uniform(-14, 14), rng.uniform(0.9, 1.2)):
            rooms.sail_boat(c, rng.choice((rgb("#e8604a"), SUN, WHITE)))
    _quay(c)
    _shops(c, rng, far)


def _quay(c: Canvas) -> None:
    stone = rgb("#d9cbb8")
    c.rect(-4000, STREET_Y, 4000, 3000, stone, shade=0)
    c.rect(-4000, STREET_Y, 4000, STREET_Y + 8, lit(stone, 0.5), shade=0)
    for index in range(-40, 41):
        c.line(
            [(index * 110, STREET_Y + 8), (index * 110 * 1.2, STREET_Y + 70)],
            3,
            shaded(stone, 0.12),
        )
    c.rect(-4000, STREET_Y + 70, 4000, 3000, shaded(stone, 0.14), shade=0)


def _shops(c: Canvas, rng: Random, far: float) -> None:
    trades = list(_TRADES)
    rng.shuffle(trades)
    x, index = -far * 0.2, 0
    while x < far + 150:
        half = rng.uniform(225, 270)
        scheme = rng.choice(SCHEMES[trades[index % len(trades)]])
        with c.at(x + half * 0.62, STREET_Y * 0.38, 0.62):
            front(
                c, trades[index % len(trades)], scheme, rng, half=half, top=-rng.uniform(220, 300)
            )
        x += half * 2 * 0.62 + 6
        index += 1
    for place in (-0.32, 0.12, 0.52, 0.9):
        with c.at(far * place, STREET_Y + 40, 0.8):
            tub_tree(c, rgb("#e2764a"), rng)
    with c.at(-far * 0.42, STREET_Y + 62, 0.9):
        street_lamp(c)
    with c.at(far * 0.3, STREET_Y + 62, 0.9):
        bicycle(c, rgb("#2f7f79"))
    with c.at(far * 0.02, STREET_Y + 60, 0.36):
        animals.dog_sitting(c, animals.COATS[0], animals.COATS[2], rgb("#e2533d"))
