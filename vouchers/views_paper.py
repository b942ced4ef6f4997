"""A voucher to take along: the last day for the calendar, a picture, a sheet to print."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from kernel.http.context import site
from kernel.paper.sheets import CONTENT_TYPES
from vouchers.access import access_voucher_for_owner
from vouchers.errors import NothingToShow
from vouchers.paper import calendar
from vouchers.paper.drawn import draw_picture, draw_sheet
from vouchers.paper.keepsake import Keepsake, keepsake
from vouchers.presentation import stamp
from vouchers.selectors import stores_of
from vouchers.terms import terms_of
from vouchers.wording import held_sentence

_NAME_LENGTH = 40


@login_required
@require_safe
def voucher_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The last day as an entry for a calendar."""
    return _file(request, pk, calendar.entry, calendar.CONTENT_TYPE, "ics", attachment=True)


@login_required
@require_safe
def voucher_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The voucher as a picture; opens in place, so that a long press can save it."""
    return _file(request, pk, draw_picture, CONTENT_TYPES["png"], "png")


@login_required
@require_safe
def voucher_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The voucher as a PDF of one page."""
    return _file(request, pk, draw_sheet, CONTENT_TYPES["pdf"], "pdf")


def _file(
    request: HttpRequest,
    pk: int,
    draw: Callable[[Keepsake], bytes],
    content_type: str,
    ending: str,
    *,
    attachment: bool = False,
) -> HttpResponse:
    """Draw one's own voucher; raises NothingToShow when its code is worth nothing any more."""
    voucher = access_voucher_for_owner(user=request.user, voucher_id=pk)
    if voucher.waits_for:
        raise NothingToShow(held_sentence(voucher.waits_for))
    if stamp(voucher):
        raise NothingToShow
    shown = keepsake(
        voucher,
        stores_of(voucher, terms_of(voucher)),
        site=site(request)["site"]["name"],
        url=f"{settings.BASE_URL}{reverse('voucher_detail', args=[voucher.pk])}",
        language=get_language() or settings.LANGUAGE_CODE,
    )
    response = HttpResponse(draw(shown), content_type=content_type)
    name = f"{slugify(shown.title, allow_unicode=True)[:_NAME_LENGTH]}-{voucher.pk}.{ending}"
    response["Content-Disposition"] = content_disposition_header(attachment, name) or "inline"
    response["Cache-Control"] = "private, no-store"
    return response
