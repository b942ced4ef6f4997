"""Draw a sheet or a picture: `draw("vouchers/sheet", data, "pdf")`.

A template is `<room>/paper/<name>.typ`. It begins with `kernel/paper/style.typ`, which says what it
finds: `data`, the shop's colours and mark, and what is set the same everywhere. What people typed
is data and never typst code. Its words come with the data, in the reader's language; QR codes come as
SVG from `kernel.qr`, and a picture that somebody uploaded would come from `kernel.media`: the process
that draws opens no file.
"""

from __future__ import annotations

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

press = Press()


def draw(
    template: str,
    data: Mapping[str, Any],
    format: Format = "pdf",
    *,
    language: str,
    svgs: Mapping[str, str] | None = None,
) -> bytes:
    """The file. ``template`` is "<room>/<name>", ``data`` what JSON can say, ``svgs`` our own drawings.

    Signs that the typeface lacks are drawn as a stand-in, and the sheet says so. A picture is as
    high as what it shows. Raises PaperBusy, PaperFailed.
    """
    locale, _mark, script = to_locale(language).partition("_")
    look = {
        "colours": colours(),
        "svgs": {"mark": _mark_svg(), **(svgs or {})},
        "language": locale,
        "script": script.lower() or None,
        "missing_note": gettext("stands for a sign that this typeface does not have."),
    }
    request = {"source": _source(template), "format": format, "data": data, "look": look}
    try:
        return press.draw(json.dumps(request).encode("ascii"))
    except NotDrawn as error:
        report_incident(kind="paper", subject=template, error=error)
        raise PaperFailed from error


def _source(template: str) -> str:
    if settings.DEBUG:
        _read_source.cache_clear()
    return _read_source(template)


@cache
def _read_source(template: str) -> str:
    room, name = template.split("/")
    style = Path(__file__).with_name("style.typ").read_text("utf-8")
    return f"{style}\n{(settings.BASE_DIR / room / 'paper' / f'{name}.typ').read_text('utf-8')}"


@cache
def _mark_svg() -> str:
    return Path(str(finders.find("img/mark.svg"))).read_text("utf-8")
