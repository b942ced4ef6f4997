"""The voucher as a picture for the phone's album: one card, large code, short rules."""

from __future__ import annotations

import io
from functools import cache

from django.utils.translation import gettext
from PIL import Image, ImageColor, ImageDraw

from vouchers.paper.fonts import clean, picture_font
from vouchers.paper.identity import colour, mark
from vouchers.paper.keepsake import Keepsake
from vouchers.paper.wrap import wrap

CONTENT_TYPE = "image/png"
WIDTH = 1080
_EDGE = 48
_PAD = 64
_INNER = WIDTH - 2 * (_EDGE + _PAD)
_RADIUS = 48
_NOTCH = 26
_TALLEST = 3600
_QR = 640
_BOLD = 0.022
_STEPS = 7
_INKS = ("ink", "ink-2", "ink-3", "brand", "line-strong")
_MARK = ("on-brand", "marigold")
_LINES = 6
_BRIEF = ("uses", "blackout", "stores", "refund", "note")


def draw(voucher: Keepsake) -> bytes:
    """The picture as PNG."""
    card = _Card()
    _head(card, voucher)
    _code(card, voucher)
    tear = card.y
    _rules(card, voucher)
    _tear(card, tear)
    return _png(card.image.crop((0, 0, WIDTH, card.y + _EDGE)))


class _Card:
    """A white strip on paper that is written from top to bottom."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (WIDTH, _TALLEST), colour("surface"))
        self.pen = ImageDraw.Draw(self.image)
        self.left, self.right = _EDGE + _PAD, WIDTH - _EDGE - _PAD
        self.y = _EDGE + _PAD

    def text(
        self,
        text: str,
        size: int,
        tint: str = "ink",
        *,
        bold: bool = False,
        centred: bool = False,
        indent: int = 0,
        most: int = 0,
        leading: float = 1.42,
    ) -> None:
        """Write a paragraph and go on below it."""
        font = picture_font(size)
        stroke = size * _BOLD if bold else 0
        for line in wrap(clean(text), _INNER - indent, font.getlength, most=most):
            x = (WIDTH - font.getlength(line)) / 2 if centred else self.left + indent
            self.pen.text(
                (x, self.y + size * 0.98),
                line,
                fill=colour(tint),
                font=font,
                anchor="ls",
                stroke_width=stroke,
            )
            self.y += round(size * leading)

    def gap(self, pixels: int) -> None:
        self.y += pixels


def _head(card: _Card, voucher: Keepsake) -> None:
    sign = mark(72)
    card.image.paste(sign, (card.left, card.y), sign)
    font = picture_font(38)
    card.pen.text(
        (card.left + 92, card.y + 36),
        clean(voucher.site),
        fill=colour("ink"),
        font=font,
        anchor="lm",
        stroke_width=38 * _BOLD,
    )
    if voucher.uses:
        font = picture_font(32)
        left = card.right - font.getlength(voucher.uses) - 44
        card.pen.rounded_rectangle(
            (left, card.y + 6, card.right, card.y + 66), 30, fill=colour("pine-soft")
        )
        card.pen.text(
            ((left + card.right) / 2, card.y + 36),
            voucher.uses,
            fill=colour("pine"),
            font=font,
            anchor="mm",
        )
    card.gap(72 + 44)
    card.text(voucher.title, 56, bold=True, most=3, leading=1.34)
    card.gap(8)
    card.text(voucher.merchant, 36, "ink-2", most=2)
    card.gap(20)


def _code(card: _Card, voucher: Keepsake) -> None:
    size = len(voucher.qr)
    scale = _QR // size
    code = Image.new("1", (size, size), 1)
    code.putdata([0 if dark else 1 for row in voucher.qr for dark in row])
    code = code.resize((size * scale, size * scale), Image.Resampling.NEAREST)
    card.image.paste(code, ((WIDTH - code.width) // 2, card.y))
    card.y += code.height
    card.text(voucher.code, 84, bold=True, centred=True, leading=1.3)
    card.gap(4)
    card.text(voucher.valid, 40, "brand", bold=True, centred=True)
    card.gap(4)
    hint = gettext("Show this code to the staff. Turn the brightness up if it does not scan.")
    card.text(hint, 30, "ink-2", centred=True)
    card.gap(44)


def _rules(card: _Card, voucher: Keepsake) -> None:
    card.gap(44)
    brief = [line.text for kind in _BRIEF for line in voucher.lines if line.kind == kind]
    for text in brief[:_LINES]:
        top = card.y + 17
        card.pen.ellipse((card.left, top, card.left + 14, top + 14), fill=colour("brand"))
        card.text(text, 34, indent=38, most=3)
        card.gap(10)
    if len(voucher.places) == 1:
        place = voucher.places[0]
        card.gap(10)
        card.text(place.name, 34, bold=True, most=2)
        card.text(place.address, 32, "ink-2", most=2)
    card.gap(22)
    card.text(f"{voucher.order} · {voucher.drawn}", 28, "ink-3")
    card.text(voucher.keep_private, 28, "ink-3")
    card.gap(_PAD - 14)


def _tear(card: _Card, tear: int) -> None:
    """Give the card its edges: paper around it, round corners, a torn line with notches."""
    paper, foot = colour("paper"), card.y
    first, last = _EDGE + 2 * _NOTCH, WIDTH - _EDGE - 2 * _NOTCH
    for x in range(first, last, 22):
        card.pen.line((x, tear, x + 11, tear), fill=colour("line-strong"), width=2)
    for box in (
        (0, 0, WIDTH, _EDGE - 1),
        (0, foot, WIDTH, foot + _EDGE),
        (0, 0, _EDGE - 1, foot),
        (WIDTH - _EDGE, 0, WIDTH, foot),
    ):
        card.pen.rectangle(box, fill=paper)
    corner = _disc(_RADIUS).point(lambda value: 255 - value)
    notch = _disc(_NOTCH)
    for left in (True, False):
        x = _EDGE if left else WIDTH - _EDGE - _RADIUS
        for top, y in ((True, _EDGE), (False, foot - _RADIUS)):
            card.image.paste(paper, (x, y), _quarter(corner, left=left, top=top))
        side = _EDGE - _NOTCH if left else WIDTH - _EDGE - _NOTCH
        card.image.paste(paper, (side, tear - _NOTCH), notch)


def _disc(radius: int) -> Image.Image:
    """A smooth white disc on black."""
    large = Image.new("L", (radius * 8, radius * 8), 0)
    ImageDraw.Draw(large).ellipse((0, 0, radius * 8 - 1, radius * 8 - 1), fill=255)
    return large.resize((radius * 2, radius * 2), Image.Resampling.LANCZOS)


def _quarter(disc: Image.Image, *, left: bool, top: bool) -> Image.Image:
    half = disc.width // 2
    x, y = (0 if left else half), (0 if top else half)
    return disc.crop((x, y, x + half, y + half))


@cache
def _palette() -> Image.Image:
    """The colours of the picture: each ink in steps to the ground it stands on."""
    grounds = {"surface": _INKS, "pine-soft": ("pine",), "brand": _MARK}
    steps: dict[tuple[int, ...], None] = {}
    for ground, inks in grounds.items():
        below = ImageColor.getrgb(colour(ground))
        for ink in inks:
            above = ImageColor.getrgb(colour(ink))
            for step in range(_STEPS + 1):
                mixed = zip(above, below, strict=True)
                steps[tuple(round(b + (a - b) * step / _STEPS) for a, b in mixed)] = None
    for plain in (colour("paper"), "#000000"):
        steps[ImageColor.getrgb(plain)] = None
    image = Image.new("P", (1, 1))
    image.putpalette([part for entry in steps for part in entry])
    return image


def _png(image: Image.Image) -> bytes:
    """Few colours are enough for flat shapes and text, and make a file a quarter as large."""
    few = image.quantize(palette=_palette(), dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, "PNG", compress_level=6)
    return out.getvalue()
