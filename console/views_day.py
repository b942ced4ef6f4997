"""The store's day: its list, its figures, what was sold meanwhile, and the day as a file."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from console.day import (
    WORDS_LENGTH,
    Asked,
    DayRow,
    Viewer,
    access_day,
    mark_of,
    see_day,
    see_rows,
    see_sold,
)
from kernel.bounds import read_day
from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.http.csv_answer import csv_answer
from kernel.http.paging import newest_page
from kernel.money import fen_to_yuan
from kernel.numerals import MAX_ID, read_number
from stores.access import right_missing
from stores.rights import Right

ROWS = 50


@login_required
@require_safe
@never_cache
def console_today(request: HttpRequest, store_id: int) -> HttpResponse:
    """One day of the store. A poll that names what it has ``seen`` is answered 204 while that is so."""
    viewer = access_day(user=request.user, store_id=store_id)
    today = viewer.store.local_day(now())
    asked = _asked(request, today)
    if not _is_shown(request, asked):
        messages.info(request, _("There is no such day to show yet; here is today."))
    narrowed = bool(asked.words or asked.clerk_id or asked.device_id)
    sold = see_sold(viewer, asked.day) if viewer.sees_sales and not narrowed else None
    params = request.GET.copy()
    params.pop("seen", None)
    page = newest_page(see_rows(viewer, asked), params, size=ROWS)
    rows = [viewer.show(row) for row in page.items]
    # Rows change by the books, sales by the shop: neither touches a redemption of the day.
    shown = [(row.redemption.pk, row.standing.label) for row in rows]
    seen = mark_of(viewer, asked, shown, sold and sold._replace(until=sold.since))
    if request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    view = see_day(viewer, asked)
    context = {
        "store": viewer.store,
        "console_tab": "today",
        "figures_only": not viewer.redeems,
        "viewer": viewer,
        "asked": asked,
        "narrowed": narrowed,
        "day": asked.day,
        "today": today,
        "previous_day": asked.day - dt.timedelta(days=1),
        "next_day": asked.day + dt.timedelta(days=1) if asked.day < today else None,
        "whole": view.figures.total,
        "view": view,
        "sold": sold,
        "rows": rows,
        "page": page,
        "all_day_url": f"{request.path}?date={asked.day}",
        "seen": seen,
        "is_live": asked.day == today and "cursor" not in params,
        "query": urlencode(
            {key: params[key] for key in ("date", "clerk", "device", "q") if params.get(key)}
        ),
    }
    return render(request, "console/today.html", context)


@login_required
@require_safe
@never_cache
def console_day_file(request: HttpRequest, store_id: int) -> HttpResponse:
    """The list of the day as CSV, as far and as narrow as the page shows it; no other day than was named."""
    viewer = access_day(user=request.user, store_id=store_id)
    if not viewer.sees_list:
        raise right_missing(Right.REDEEM, Right.SEE_VOUCHERS)
    asked = _asked(request, viewer.store.local_day(now()))
    if not _is_shown(request, asked):
        text = _("There is no such day to show yet. Name one as YYYY-MM-DD, until today.")
        raise InvalidInput(text, fields={"date": [text]})
    rows = see_rows(viewer, asked).order_by("-id")
    header = [
        _("Time"),
        _("Product"),
        _("Code ends in"),
        _("Guest"),
        _("Uses"),
        _("Uses given back"),
        _("Value (yuan)"),
        pgettext("redemption", "State"),
        _("Redeemed by"),
        _("Device"),
        _("Number"),
    ]
    name = f"redemptions-{viewer.store.pk}-{asked.day}.csv"
    return csv_answer(name, header, [_cells(viewer, viewer.show(row)) for row in rows])


def _named(request: HttpRequest) -> str:
    """The day as the address names it; ``day`` is what the API calls it."""
    return request.GET.get("date") or request.GET.get("day") or ""


def _is_shown(request: HttpRequest, asked: Asked) -> bool:
    """Whether the day is the one that the address names, if it names any."""
    return _named(request) in ("", str(asked.day))


def _asked(request: HttpRequest, today: dt.date) -> Asked:
    """What the address asks for; what makes no sense there is today, or everything."""
    return Asked(
        day=min(read_day(_named(request)) or today, today),
        clerk_id=read_number(request.GET.get("clerk", ""), most=MAX_ID),
        device_id=read_number(request.GET.get("device", ""), most=MAX_ID),
        words=request.GET.get("q", "").strip()[:WORDS_LENGTH],
    )


def _cells(viewer: Viewer, row: DayRow) -> list[object]:
    redemption = row.redemption
    moment = redemption.occurred_at.astimezone(viewer.store.zone)
    return [
        moment.isoformat(sep=" ", timespec="seconds"),
        redemption.voucher.title,
        row.tail,
        row.guest,
        redemption.uses,
        redemption.returned_uses,
        "" if row.amount_fen is None else fen_to_yuan(row.amount_fen),
        row.standing.label,
        redemption.staff.display_name,
        redemption.device.name if redemption.device else "",
        redemption.pk,
    ]
