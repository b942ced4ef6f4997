"""Draw a sheet or a picture: `draw("vouchers/sheet", data, "pdf", language="en")`.

A template is `<room>/paper/<name>.typ`. It finds `data`, and what `kernel/paper/style.typ` says: the shop's
colours and mark, and what is set the same everywhere. What people typed
is data and never typst code. Its words come with the data, in the reader's language; QR codes come as
PDF from `kernel.qr`, a picture that somebody uploaded from `kernel.media` by way of `picture_svg`: the
process that draws opens no file.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils.translation import gettext, to_locale

from kernel.paper.errors import PaperFailed
from kernel.paper.identity import colours
from kernel.paper.press import NotDrawn, Press
from kernel.watch.services import report_incident

Format = Literal["pdf", "png"]
CONTENT_TYPES: Mapping[Format, str] = {"pdf": "application/pdf", "png": "image/png"}

STYLE = Path(__file__).with_name("style.typ")

press = Press()


def draw(
    template: str,
    data: Mapping[str, Any],
    format: Format = "pdf",
    *,
    language: str,
    drawings: Mapping[str, str] | None = None,
    pixels_per_inch: int = 144,
) -> bytes:
    """The file. ``template`` is "<room>/<name>", ``data`` what JSON can say, ``drawings`` our own,
    each an SVG or a PDF of one page.

    Signs that the typeface lacks are drawn as a stand-in, and the sheet says so. A picture is as
    high as what it shows. Raises PaperBusy, PaperFailed.
    """
    locale, _mark, script = to_locale(language).partition("_")
    look = {
        "colours": colours(),
        "language": locale,
        "script": script.lower() or None,
        "missing_note": gettext("stands for a sign that this typeface does not have."),
    }
    request = {
        "source": _source(template),
        "style": _read(STYLE),
        "format": format,
        "pixels_per_inch": pixels_per_inch,
        "data": data,
        "look": look,
        "drawings": {"mark": _mark_svg(), **(drawings or {})},
    }
    try:
        return press.draw(json.dumps(request).encode("ascii"))
    except NotDrawn as error:
        report_incident(kind="paper", subject=template, error=error)
        raise PaperFailed from error


def picture_svg(jpeg: bytes, width: int, height: int) -> str:
    """A picture of so many pixels among ``drawings``. A PDF takes the JPEG over as it is."""
    inside = base64.b64encode(jpeg).decode("ascii")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/jpeg;base64,{inside}"/></svg>'
    )


def _source(template: str) -> str:
    room, _slash, name = template.rpartition("/")
    own = _read(settings.BASE_DIR / room / "paper" / f"{name}.typ")
    return f'#import "style.typ": *\n#let data = json("data.json")\n#show: dressed\n{own}'


def _read(path: Path) -> str:
    if settings.DEBUG:
        _read_once.cache_clear()
    return _read_once(path)


@cache
def _read_once(path: Path) -> str:
    return path.read_text("utf-8")


@cache
def _mark_svg() -> str:
    return Path(str(finders.find("img/mark.svg"))).read_text("utf-8")
