"""The pen: polygons in one logical frame, each with a lit and a shaded edge, drawn large and reduced.

The frame is 800 × 600 units with the origin in the middle, fitted inside whatever size is asked; a wider or taller
picture simply shows more wall. Light comes from the upper left everywhere, also on mirrored objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from math import ceil, cos, floor, hypot, pi, radians, sin

from PIL import Image, ImageChops, ImageDraw

from demo.art.palette import Color, lit, shaded

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]

FRAME_WIDTH, FRAME_HEIGHT = 800, 600
_SHADE_LIMIT = 26.0
_SHADE_SHARE = 0.13
_SHADOW: Color = (40, 24, 52)


def ellipse_points(
    x: float, y: float, rx: float, ry: float, angle: float = 0.0, steps: int = 56
) -> list[Point]:
    """An ellipse as a polygon, turned by `angle` degrees."""
    turn = radians(angle)
    across, along = cos(turn), sin(turn)
    points = []
    for step in range(steps):
        t = 2 * pi * step / steps
        px, py = rx * cos(t), ry * sin(t)
        points.append((x + px * across - py * along, y + px * along + py * across))
    return points


def rect_points(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> list[Point]:
    """A rectangle, its corners rounded by `radius`."""
    radius = min(radius, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
    if radius <= 0:
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    corners = (
        (x1 - radius, y0 + radius, -90),
        (x1 - radius, y1 - radius, 0),
        (x0 + radius, y1 - radius, 90),
        (x0 + radius, y0 + radius, 180),
    )
    points = []
    for cx, cy, start in corners:
        for step in range(9):
            t = radians(start + 90 * step / 8)
            points.append((cx + radius * cos(t), cy + radius * sin(t)))
    return points


def smooth_points(knots: Sequence[Point], closed: bool = True, steps: int = 10) -> list[Point]:
    """A Catmull-Rom curve through the knots."""
    count = len(knots)
    points: list[Point] = []
    for index in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = (knots[(index + offset) % count] for offset in (-1, 0, 1, 2))
        else:
            p0, p1 = knots[max(index - 1, 0)], knots[index]
            p2, p3 = knots[index + 1], knots[min(index + 2, count - 1)]
        for step in range(steps):
            t = step / steps
            points.append(
                (_catmull(p0[0], p1[0], p2[0], p3[0], t), _catmull(p0[1], p1[1], p2[1], p3[1], t))
            )
    if not closed:
        points.append(knots[-1])
    return points


def _catmull(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3
    )


class Canvas:
    """A picture under way. Every method takes logical units in the frame of the innermost `at`."""

    def __init__(self, size: tuple[int, int], background: Color, supersample: int = 2) -> None:
        self.size = size
        width, height = size[0] * supersample, size[1] * supersample
        self.image = Image.new("RGB", (width, height), background)
        self._draw = ImageDraw.Draw(self.image, "RGBA")
        fit = min(width / FRAME_WIDTH, height / FRAME_HEIGHT)
        self._matrix: Matrix = (fit, 0.0, 0.0, fit, width / 2, height / 2)
        self.half_width = width / fit / 2
        self.half_height = height / fit / 2

    # -- frames -------------------------------------------------------------------------------------------------

    @contextmanager
    def at(
        self, x: float = 0, y: float = 0, scale: float = 1, angle: float = 0, flip: bool = False
    ) -> Iterator[None]:
        """Draw inside a frame moved to (x, y), scaled, turned clockwise by `angle` degrees, mirrored on `flip`."""
        before = self._matrix
        a, b, c, d, e, f = before
        turn = radians(angle)
        across, along = scale * cos(turn), scale * sin(turn)
        mirror = -1 if flip else 1
        self._matrix = (
            (a * across + c * along) * mirror,
            (b * across + d * along) * mirror,
            -a * along + c * across,
            -b * along + d * across,
            a * x + c * y + e,
            b * x + d * y + f,
        )
        try:
            yield
        finally:
            self._matrix = before

    @contextmanager
    def clip(self, points: Sequence[Point]) -> Iterator[None]:
        """Let nothing drawn inside the block leave the polygon."""
        device = self._to_device(points)
        box = self._box(device)
        if box is None:
            yield
            return
        whole, draw, matrix = self.image, self._draw, self._matrix
        self.image = whole.crop(box)
        self._draw = ImageDraw.Draw(self.image, "RGBA")
        self._matrix = (*matrix[:4], matrix[4] - box[0], matrix[5] - box[1])
        try:
            yield
        finally:
            whole.paste(self.image, box[:2], _mask(device, box))
            self.image, self._draw, self._matrix = whole, draw, matrix

    def _to_device(self, points: Sequence[Point]) -> list[Point]:
        a, b, c, d, e, f = self._matrix
        return [(a * x + c * y + e, b * x + d * y + f) for x, y in points]

    def _unit(self) -> float:
        return hypot(self._matrix[0], self._matrix[1])

    def _box(self, device: Sequence[Point]) -> tuple[int, int, int, int] | None:
        xs, ys = [x for x, _ in device], [y for _, y in device]
        left, top = max(floor(min(xs)), 0), max(floor(min(ys)), 0)
        right, bottom = (
            min(ceil(max(xs)) + 1, self.image.width),
            min(ceil(max(ys)) + 1, self.image.height),
        )
        return (left, top, right, bottom) if right > left and bottom > top else None

    # -- shapes -------------------------------------------------------------------------------------------------

    def poly(
        self, points: Sequence[Point], color: Color, shade: float = 1.0, alpha: int = 255
    ) -> None:
        """A filled polygon; `shade` scales its lit and shaded rims (0 for flat). Transparent shapes are flat."""
        device = self._to_device(points)
        if alpha < 255 or shade <= 0:
            self._draw.polygon(device, fill=(*color, alpha))
            return
        box = self._box(device)
        if box is None:
            return
        mask = _mask(device, box)
        self.image.paste(color, box, mask)
        reach = min(box[2] - box[0], box[3] - box[1]) * _SHADE_SHARE
        depth = max(1, round(min(reach, _SHADE_LIMIT * self._frame_unit()) * shade))
        self.image.paste(shaded(color), box, _rim(mask, -depth, -round(depth * 0.7)))
        thin = max(1, round(depth * 0.45))
        self.image.paste(lit(color), box, _rim(mask, thin, round(thin * 0.8)))

    def _frame_unit(self) -> float:
        return min(self.image.width, self.image.height) / FRAME_HEIGHT

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        color: Color,
        *,
        angle: float = 0,
        shade: float = 1.0,
        alpha: int = 255,
    ) -> None:
        """An ellipse with radii `rx`, `ry`."""
        self.poly(ellipse_points(x, y, rx, ry, angle), color, shade, alpha)

    def rect(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        color: Color,
        *,
        radius: float = 0,
        shade: float = 1.0,
        alpha: int = 255,
    ) -> None:
        """A rectangle between two corners."""
        self.poly(rect_points(x0, y0, x1, y1, radius), color, shade, alpha)

    def smooth(
        self, knots: Sequence[Point], color: Color, *, shade: float = 1.0, alpha: int = 255
    ) -> None:
        """A closed curve through the knots."""
        self.poly(smooth_points(knots), color, shade, alpha)

    def line(
        self,
        points: Sequence[Point],
        width: float,
        color: Color,
        *,
        curve: bool = False,
        alpha: int = 255,
    ) -> None:
        """An open line with round ends; `curve` bends it through the points."""
        path = smooth_points(points, closed=False) if curve else list(points)
        device = self._to_device(path)
        thick = max(1, round(width * self._unit()))
        self._draw.line(device, fill=(*color, alpha), width=thick, joint="curve")
        if alpha == 255 and thick > 2:
            half = thick / 2
            for x, y in (device[0], device[-1]):
                self._draw.ellipse((x - half, y - half, x + half, y + half), fill=(*color, alpha))

    def arc(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        start: float,
        end: float,
        width: float,
        color: Color,
    ) -> None:
        """Part of an ellipse's outline, from `start` to `end` degrees clockwise from the right."""
        steps = max(6, round(abs(end - start) / 6))
        angles = (radians(start + (end - start) * step / steps) for step in range(steps + 1))
        self.line([(x + rx * cos(t), y + ry * sin(t)) for t in angles], width, color)

    def ribbon(self, points: Sequence[Point], width: float, color: Color, alpha: int) -> None:
        """A transparent curve that swells in the middle and thins to nothing at both ends."""
        path = smooth_points(points, closed=False, steps=14)
        left: list[Point] = []
        right: list[Point] = []
        for index, (x, y) in enumerate(path):
            ahead, behind = path[min(index + 1, len(path) - 1)], path[max(index - 1, 0)]
            dx, dy = ahead[0] - behind[0], ahead[1] - behind[1]
            length = hypot(dx, dy) or 1.0
            half = width / 2 * sin(pi * (0.06 + 0.9 * index / len(path))) ** 0.8
            left.append((x - dy / length * half, y + dx / length * half))
            right.append((x + dy / length * half, y - dx / length * half))
        self.poly([*left, *reversed(right)], color, 0, alpha)

    def shadow(self, x: float, y: float, rx: float, ry: float, strength: float = 1.0) -> None:
        """A soft shadow on the ground, drifting to the lower right."""
        centre = self._to_device([(x + 0.09 * rx, y + 0.15 * ry)])[0]
        half_width, half_height = rx * 1.3 * self._unit(), ry * 1.45 * self._unit()
        left, top = round(centre[0] - half_width), round(centre[1] - half_height)
        size = max(2, round(2 * half_width)), max(2, round(2 * half_height))
        mask = _soft_disc(round(118 * strength)).resize(size, Image.Resampling.BILINEAR)
        self.image.paste(_SHADOW, (left, top), mask)

    def finish(self) -> Image.Image:
        """The picture at its asked size."""
        return self.image.resize(self.size, Image.Resampling.LANCZOS)


@lru_cache(maxsize=16)
def _soft_disc(depth: int) -> Image.Image:
    """A round mask, `depth` dark in the middle and nothing at its rim."""
    gradient = Image.radial_gradient("L").resize((96, 96), Image.Resampling.BILINEAR)
    return gradient.point(
        [
            round(depth * max(0.0, 1 - level / 181) ** 0.75 * min(1.0, (181 - level) / 70))
            if level < 181
            else 0
            for level in range(256)
        ]
    )


def _mask(device: Sequence[Point], box: tuple[int, int, int, int]) -> Image.Image:
    mask = Image.new("L", (box[2] - box[0], box[3] - box[1]), 0)
    ImageDraw.Draw(mask).polygon([(x - box[0], y - box[1]) for x, y in device], fill=255)
    return mask


def _rim(mask: Image.Image, dx: int, dy: int) -> Image.Image:
    """What of the mask is uncovered when the mask itself is slid by (dx, dy)."""
    slid = Image.new("L", mask.size, 0)
    slid.paste(mask, (dx, dy))
    return ImageChops.subtract(mask, slid)
