"""The voucher as a page to print or keep: one A4 sheet, vector QR, text that can be selected."""

from __future__ import annotations

import io
from typing import NamedTuple

from django.utils.translation import gettext, pgettext
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from kernel.qr import runs
from vouchers.paper.fonts import clean, pdf_font
from vouchers.paper.identity import CORNER, DOORS, FLOOR, SIDE, SILL_LEFT, SILL_RADIUS, colour
from vouchers.paper.keepsake import Keepsake
from vouchers.paper.wrap import wrap

CONTENT_TYPE = "application/pdf"
PAGE_WIDTH, PAGE_HEIGHT = A4
_MARGIN = 44.0
_INNER = PAGE_WIDTH - 2 * _MARGIN
_PAD = 22.0
_QR = 196.0
_BOLD = 0.028
_FOOT = 74.0
_SIZES = (12.0, 11.0, 10.0, 9.0, 8.0, 7.0)
_GAP = 26.0


class _Style(NamedTuple):
    """How a paragraph is set."""

    size: float
    tint: str = "ink"
    bold: bool = False
    most: int = 0
    leading: float = 1.5


class _Sheet:
    """A page in points from the top left, with the shop's type and colours."""

    def __init__(self, out: io.BytesIO, voucher: Keepsake) -> None:
        self.font = pdf_font()
        self.canvas = Canvas(
            out,
            pagesize=A4,
            pageCompression=1,
            lang=voucher.language,
            initialFontName=self.font,  # type: ignore[arg-type]  # the stubs say a number
        )
        self.canvas.setTitle(clean(f"{voucher.title} · {voucher.site}"))
        self.canvas.setAuthor(clean(voucher.site))
        self.canvas.setSubject(clean(voucher.valid))
        self.canvas.setCreator("O2O")

    def lines(self, text: str, width: float, style: _Style) -> list[str]:
        return wrap(
            clean(text),
            width,
            lambda part: stringWidth(part, self.font, style.size),
            most=style.most,
        )

    def text(self, text: str, x: float, y: float, width: float, style: _Style) -> float:
        """Write a paragraph whose top is ``y``; return where it ends."""
        for line in self.lines(text, width, style):
            self.line(line, x, y, style)
            y += style.size * style.leading
        return y

    def line(self, line: str, x: float, y: float, style: _Style, *, align: str = "left") -> None:
        wide = stringWidth(clean(line), self.font, style.size)
        x -= {"left": 0.0, "centre": wide / 2, "right": wide}[align]
        tint = HexColor(colour(style.tint))
        pen = self.canvas.beginText(x, PAGE_HEIGHT - y - style.size)
        pen.setFont(self.font, style.size)
        pen.setFillColor(tint)
        pen.setStrokeColor(tint)
        self.canvas.setLineWidth(style.size * _BOLD)
        pen.setTextRenderMode(2 if style.bold else 0)
        pen.textOut(clean(line))
        pen.setTextRenderMode(0)  # it would outlive this text
        self.canvas.drawText(pen)

    def box(self, x: float, y: float, width: float, height: float, radius: float) -> None:
        self.canvas.setStrokeColor(HexColor(colour("line")))
        self.canvas.setFillColor(HexColor(colour("surface")))
        self.canvas.setLineWidth(1)
        self.canvas.roundRect(x, PAGE_HEIGHT - y - height, width, height, radius, stroke=1, fill=1)

    def squares(self, rows: list[list[bool]], x: float, y: float, side: float) -> None:
        """The QR as one shape; the paper's white is its quiet zone."""
        unit = side / len(rows)
        path = self.canvas.beginPath()
        for number, row in enumerate(rows):
            for start, length in runs(row):
                path.rect(
                    x + start * unit, PAGE_HEIGHT - y - (number + 1) * unit, length * unit, unit
                )
        self.canvas.setFillColor(HexColor("#000000"))
        self.canvas.drawPath(path, stroke=0, fill=1)

    def mark(self, x: float, y: float, side: float) -> None:
        canvas, unit = self.canvas, side / SIDE
        canvas.saveState()
        canvas.translate(x, PAGE_HEIGHT - y - side)
        canvas.scale(unit, unit)
        brand = HexColor(colour("brand"))
        canvas.setFillColor(brand)
        canvas.roundRect(0, 0, SIDE, SIDE, CORNER, stroke=0, fill=1)
        for door in DOORS:
            canvas.setFillColor(HexColor(colour(door.token)))
            foot, shoulder = SIDE - FLOOR, SIDE - door.shoulder
            canvas.circle(door.left + door.radius, shoulder, door.radius, stroke=0, fill=1)
            canvas.rect(door.left, foot, 2 * door.radius, shoulder - foot, stroke=0, fill=1)
        canvas.setFillColor(brand)
        canvas.circle(SILL_LEFT + SILL_RADIUS, SIDE - FLOOR, SILL_RADIUS, stroke=0, fill=1)
        canvas.restoreState()


def draw(voucher: Keepsake) -> bytes:
    """The sheet as PDF."""
    out = io.BytesIO()
    sheet = _Sheet(out, voucher)
    _letterhead(sheet, voucher)
    below = _ticket(sheet, voucher, 100)
    for size in _SIZES:
        if _columns(sheet, voucher, below + 26, size, dry=True) <= PAGE_HEIGHT - _FOOT:
            break
    _columns(sheet, voucher, below + 26, size, dry=False)
    _foot(sheet, voucher)
    sheet.canvas.showPage()
    sheet.canvas.save()
    return out.getvalue()


def _letterhead(sheet: _Sheet, voucher: Keepsake) -> None:
    sheet.mark(_MARGIN, 46, 30)
    sheet.line(voucher.site, _MARGIN + 40, 51, _Style(15, bold=True))
    sheet.line(voucher.order, PAGE_WIDTH - _MARGIN, 55, _Style(10, "ink-2"), align="right")


def _ticket(sheet: _Sheet, voucher: Keepsake, top: float) -> float:
    """Title and facts on the left, the code on the right; return where the frame ends."""
    height = _QR + 58
    sheet.box(_MARGIN, top, _INNER, height, 16)
    left, width = _MARGIN + _PAD, _INNER - _QR - 3 * _PAD
    y = sheet.text(
        voucher.title, left, top + _PAD, width, _Style(22, bold=True, most=4, leading=1.32)
    )
    y = sheet.text(voucher.merchant, left, y + 4, width, _Style(12, "ink-2", most=2))
    y = sheet.text(voucher.valid, left, y + 14, width, _Style(13, "brand", bold=True))
    if voucher.uses:
        y = sheet.text(voucher.uses, left, y + 4, width, _Style(12, "pine", bold=True))
    if voucher.price:
        paid = gettext("Paid: %(amount)s") % {"amount": voucher.price}
        sheet.text(paid, left, y + 4, width, _Style(11, "ink-2"))
    hint = _Style(10, "ink-2")
    text = gettext("Show this code to the staff, on paper or on the screen.")
    rows = len(sheet.lines(text, width, hint))
    sheet.text(text, left, top + height - _PAD - rows * 15, width, hint)
    x = PAGE_WIDTH - _MARGIN - _PAD - _QR + 8
    sheet.squares(voucher.qr, x, top + 6, _QR)
    code = _Style(19, bold=True)
    sheet.line(voucher.code, x + _QR / 2, top + _QR + 8, code, align="centre")
    return top + height


def _columns(sheet: _Sheet, voucher: Keepsake, top: float, size: float, *, dry: bool) -> float:
    """Rules on the left, stores on the right; return where the longer one ends.

    ``dry`` only measures: the page shrinks its type until everything stands on it.
    """
    width = (_INNER - _GAP) / 2
    heading, body = _Style(size + 3.5, bold=True), _Style(size)
    x, y = _MARGIN, top
    y = _put(sheet, pgettext("voucher", "How it works"), x, y, width, heading, dry) + 6
    for line in voucher.lines:
        if not dry:
            sheet.canvas.setFillColor(HexColor(colour("brand")))
            sheet.canvas.circle(x + 2.5, PAGE_HEIGHT - y - size * 0.64, 2, stroke=0, fill=1)
        y = _put(sheet, line.text, x + 13, y, width - 13, body, dry) + size * 0.3
    longest = y
    x, y = _MARGIN + width + _GAP, top
    y = _put(sheet, gettext("Where it can be used"), x, y, width, heading, dry) + 6
    for place in voucher.places:
        y = _put(sheet, place.name, x, y, width, body._replace(bold=True), dry)
        for fact in (place.address, place.phone):
            if fact:
                y = _put(sheet, fact, x, y, width, _Style(size - 0.5, "ink-2"), dry)
        y += size * 0.6
    note = voucher.more_places or (
        "" if voucher.places else gettext("No store accepts it at the moment.")
    )
    if note:
        y = _put(sheet, note, x, y, width, _Style(size, "ink-2"), dry)
    return max(longest, y)


def _put(
    sheet: _Sheet, text: str, x: float, y: float, width: float, style: _Style, dry: bool
) -> float:
    if dry:
        return y + len(sheet.lines(text, width, style)) * style.size * style.leading
    return sheet.text(text, x, y, width, style)


def _foot(sheet: _Sheet, voucher: Keepsake) -> None:
    top = PAGE_HEIGHT - _FOOT + 10
    sheet.canvas.setStrokeColor(HexColor(colour("line")))
    sheet.canvas.setLineWidth(1)
    sheet.canvas.line(_MARGIN, PAGE_HEIGHT - top, PAGE_WIDTH - _MARGIN, PAGE_HEIGHT - top)
    small = _Style(8.5, "ink-3")
    y = sheet.text(f"{voucher.drawn} {voucher.keep_private}", _MARGIN, top + 8, _INNER, small)
    sheet.text(voucher.url, _MARGIN, y, _INNER, small)
    bottom = PAGE_HEIGHT - y - small.size * small.leading
    wide = stringWidth(voucher.url, sheet.font, small.size)
    sheet.canvas.linkURL(
        voucher.url, (_MARGIN, bottom, _MARGIN + wide, bottom + small.size * 1.4), relative=0
    )
