"""Behind everything: a wall with one large calm shape, a ground, and light that falls in from the upper left."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw, ImageFilter

from demo.art.canvas import Canvas
from demo.art.palette import CREAM, DUSK, INK, Color, Scheme, lit, mix, shaded

GROUND_Y = 96.0


# Stages are painted this much beyond the picture, so that the camera may move and zoom.
_OVER = 1.5


def wall(c: Canvas, color: Color) -> None:
    """The whole picture in the wall's colour."""
    width, height = c.half_width * _OVER, c.half_height * _OVER
    c.rect(-width, -height, width, height, color, shade=0)


def ground(c: Canvas, color: Color, y: float = GROUND_Y) -> None:
    """A table or floor from `y` down, with a lit front edge."""
    width, height = c.half_width * _OVER, c.half_height * _OVER
    c.rect(-width, y, width, height, color, shade=0)
    c.rect(-width, y, width, y + 7, lit(color, 0.3), shade=0)
    c.rect(-width, y + 110, width, height, shaded(color, 0.1), shade=0)


def sun(c: Canvas, color: Color, rng: Random) -> None:
    """A disc behind the subject."""
    c.ellipse(rng.uniform(-70, 70), rng.uniform(-60, -20), 218, 218, color, shade=0)


def arch(c: Canvas, color: Color, rng: Random) -> None:
    """A niche with a round head."""
    x = rng.uniform(-30, 30)
    c.ellipse(x, -60, 230, 210, color, shade=0)
    c.rect(x - 230, -60, x + 230, GROUND_Y, color, shade=0)


def tiles(c: Canvas, color: Color, rng: Random) -> None:
    """A band of tiles along the wall, as behind a counter."""
    top, width = -30 + rng.uniform(-20, 20), c.half_width * _OVER
    c.rect(-width, top, width, GROUND_Y, color, shade=0)
    c.rect(-width, top - 10, width, top, mix(color, CREAM, 0.45), shade=0)
    step, seam = 64.0, mix(color, CREAM, 0.35)
    columns = int(width // step) + 2
    for row in range(3):
        y = top + 42 * row
        c.line([(-width, y), (width, y)], 2.5, seam)
        for column in range(-columns, columns):
            x = column * step + (step / 2 if row % 2 else 0)
            c.line([(x, y), (x, y + 42)], 2.5, seam)


def window(c: Canvas, color: Color, rng: Random) -> None:
    """Four slanted panes of light on the wall."""
    x0 = rng.uniform(-330, -180)
    for column in range(2):
        for row in range(2):
            x, y = x0 + column * 190 + row * 46, -270 + row * 165
            c.poly([(x, y), (x + 170, y), (x + 210, y + 145), (x + 40, y + 145)], color, 0)


def hills(c: Canvas, color: Color, rng: Random) -> None:
    """Two long waves, near and far."""
    for lift, tone in ((0.0, mix(color, CREAM, 0.4)), (62.0, color)):
        y = -70 + lift + rng.uniform(-18, 18)
        width = c.half_width * _OVER
        knots = [
            (-width - 60, y + 30),
            (-width / 2, y - 42),
            (0, y + 22),
            (width / 2, y - 34),
            (width + 60, y + 26),
        ]
        c.smooth([*knots, (width + 80, 330), (-width - 80, 330)], tone, shade=0)


_SHAPES = (sun, arch, tiles, window, hills)


def still_life(
    c: Canvas, scheme: Scheme, rng: Random, *, shapes: tuple[int, ...] = (0, 1, 2, 3, 4)
) -> None:
    """The usual stage: wall, one of the shapes, table."""
    wall(c, scheme.wall)
    _SHAPES[rng.choice(shapes)](c, mix(scheme.wall, CREAM, 0.42), rng)
    ground(c, scheme.ground)


def light(c: Canvas, strength: float = 1.0) -> None:
    """Warm light from the upper left, dusk at the lower right, painted small and stretched soft."""
    width, height = 96, 72
    glow = Image.new("L", (width, height), 0)
    ImageDraw.Draw(glow).ellipse((-42, -46, 62, 52), fill=round(40 * strength))
    gloom = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(gloom)
    pen.rectangle((0, 0, width, height), fill=round(30 * strength))
    pen.ellipse((-26, -34, 96, 74), fill=0)
    for mask, color in ((glow, CREAM), (gloom, mix(DUSK, INK, 0.4))):
        soft = mask.filter(ImageFilter.GaussianBlur(14)).resize(
            c.image.size, Image.Resampling.BILINEAR
        )
        c.image.paste(color, (0, 0), soft)
