"""A code on A4: a poster, a table tent to fold, a sheet of stickers, shelf tags to cut."""

from __future__ import annotations

from typing import Any

from django.db.models import TextChoices
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy

from kernel import qr
from kernel.media.pictures import PictureError, card_jpeg
from kernel.paper.sheets import CONTENT_TYPES, Format, draw, picture_svg
from stores.codes.errors import CodeClosed
from stores.codes.models import Code
from stores.codes.services import address_of_code
from stores.codes.targets import Page, page_of


class Form(TextChoices):
    """What it is printed as; each is the template of its name."""

    POSTER = "poster", pgettext_lazy("paper", "A4 poster")
    TENT = "tent", pgettext_lazy("paper", "table tent")
    STICKERS = "stickers", pgettext_lazy("paper", "sheet of stickers")
    TAGS = "tags", pgettext_lazy("paper", "shelf tags")


PICTURE_PIXELS = {Form.POSTER: (1123, 533), Form.TENT: (417, 760), Form.TAGS: (150, 351)}
"""Cut to the frame of the template, at 150 points an inch: stickers are too small for a picture."""
LOGO_PIXELS = (160, 160)
PREVIEW_PIXELS_PER_INCH = 72


def sheet_response(code: Code, *, form: Form, format: Format, site: str) -> HttpResponse:
    """The sheet as an answer that no cache keeps. Errors as draw_sheet."""
    drawn = draw_sheet(code, form=form, format=format, site=site)
    response = HttpResponse(drawn, content_type=CONTENT_TYPES[format])
    name = content_disposition_header(False, f"{code.code}-{form.value}.{format}")
    response["Content-Disposition"] = name or "inline"
    response["Cache-Control"] = "private, no-store"
    return response


def draw_sheet(code: Code, *, form: Form, format: Format, site: str) -> bytes:
    """One page of A4 in the reader's language: a PDF to print, or a small picture of it as PNG.

    ``code`` has its merchant and store joined. Raises CodeClosed, PaperBusy, PaperFailed.
    """
    if not code.is_open:
        raise CodeClosed
    page, address = page_of(code), address_of_code(code)
    host, _slash, path = address.partition("://")[2].partition("/")
    drawings = {"qr": qr.pdf(address), **_pictures(code, page, form)}
    data = {
        "site": site,
        "name": page.label,
        "whose": _whose(code, page),
        # In two: a narrow sheet breaks the line between them.
        "address": [host, f"/{path}"],
        "has": [name for name in ("picture", "logo") if name in drawings],
        "labels": {
            "call": _call(page),
            "how": gettext("Open your phone's camera and point it at the code."),
            "qr": gettext("QR code with this address"),
            "fold": pgettext("paper", "Fold here"),
        },
    }
    return draw(
        f"stores/codes/{form.value}",
        data,
        format,
        language=get_language() or "en",
        drawings=drawings,
        pixels_per_inch=PREVIEW_PIXELS_PER_INCH,
    )


def _call(page: Page) -> str:
    if page.product_id:
        return gettext("Scan to see this deal")
    return gettext("Scan to see our deals")


def _whose(code: Code, page: Page) -> str:
    """Business and store, as far as the name above does not say them."""
    names = [row.name for row in (code.merchant, code.store) if row is not None]
    told = [page.label, *names]
    return " · ".join(
        name
        for name in dict.fromkeys(names)
        if name != page.label and not any(_says(other, name) for other in told if other != name)
    )


def _says(longer: str, name: str) -> bool:
    """Whether a name begins with another: "Slack Tide Coffee, Net Shed" names the business, too."""
    return longer.casefold().startswith(name.casefold())


def _pictures(code: Code, page: Page, form: Form) -> dict[str, str]:
    """What the page shows and the business's mark, as far as there are any."""
    wanted: dict[str, tuple[Any, tuple[int, int] | None]] = {
        "picture": (page.picture(), PICTURE_PIXELS.get(form)),
        "logo": (code.merchant.mark if code.merchant else None, LOGO_PIXELS),
    }
    found = {}
    for name, (file, size) in wanted.items():
        if file and size:
            try:
                with file.open("rb") as stored:
                    jpeg = card_jpeg(stored.read(), size)
            except (OSError, PictureError):  # the sheet is as good without it
                continue
            found[name] = picture_svg(jpeg, *size)
    return found
