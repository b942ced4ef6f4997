"""The store's stock at the counter: look an item up, count it, receive it. Made for a phone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog.models import StockLevel
from catalog.services.shelves import count_level, is_far_off, receive_pieces
from catalog.set_aside import with_set_aside
from kernel.bounds import MAX_COUNT
from kernel.errors import InvalidInput, NotFound, Refusal
from kernel.http.once import page_once
from kernel.http.paging import newest_page
from kernel.numerals import read_number
from kernel.plaintext import isolate
from stores.access import access_store_for_staff
from stores.rights import Right

ROWS = 50


@login_required
@require_safe
@never_cache
def console_stock(request: HttpRequest, store_id: int) -> HttpResponse:
    """What the store has, the newest item first; by words, or only what is low."""
    store = access_store_for_staff(user=request.user, store_id=store_id, right=Right.COUNT_STOCK)
    words = request.GET.get("q", "").strip()[:100]
    rows = StockLevel.objects.filter(store=store, variant__stock__by_store=True).select_related(
        "variant__product", "variant__stock"
    )
    if words:
        rows = rows.search(words)
    low = bool(request.GET.get("low"))
    if low:
        rows = rows.low()
    page = newest_page(rows, request.GET, size=ROWS)
    with_set_aside(page.items)
    context = {"store": store, "console_tab": "stock", "page": page, "q": words, "low": low}
    context |= _asked(request, page.items)
    return render(request, "console/stock.html", context)


@login_required
@require_POST
@never_cache
def console_stock_tell(request: HttpRequest, store_id: int, pk: int) -> HttpResponse:
    """Count an item, or receive some of it. The form's key makes a second press harmless."""
    store = access_store_for_staff(user=request.user, store_id=store_id, right=Right.COUNT_STOCK)
    level = StockLevel.objects.filter(pk=pk, store=store).select_related("variant__product").first()
    if level is None:
        raise NotFound
    words = request.POST.get("q", "")[:100]
    typed = read_number(request.POST.get("number", "").strip())
    what = "receive" if request.POST.get("what") == "receive" else "count"
    books = 0 if what == "receive" else level.on_hand
    asked = typed is not None and typed <= MAX_COUNT and is_far_off(books, typed)
    # Sure of this number, told in this way: another one is asked about again.
    if asked and request.POST.get("sure") != f"{what} {typed}":
        query = urlencode({"q": words, "ask": str(pk), "number": str(typed), "what": what})
        return redirect(f"{reverse('console_stock', args=[store_id])}?{query}#level-{pk}")

    def tell() -> int:
        number = _number(request)
        if request.POST.get("what") == "receive":
            return receive_pieces(level=level, quantity=number, by=request.user).on_hand
        return count_level(level=level, counted=number, by=request.user).on_hand

    try:
        on_hand = page_once(request, tell).value
        told = {"item": isolate(str(level.variant)), "count": on_hand}
        messages.success(request, _("%(item)s: %(count)d here now.") % told)
    except Refusal as refusal:
        fields = refusal.by_field
        said = [sentence for sentences in fields.values() for sentence in sentences]
        messages.error(request, " ".join(said) or str(refusal))
    query = f"?{urlencode({'q': words})}" if words else ""
    return redirect(f"{reverse('console_stock', args=[store_id])}{query}")


def _asked(request: HttpRequest, levels: Iterable[StockLevel]) -> dict[str, Any]:
    """The number that somebody is asked about: told once more, it is taken."""
    number = read_number(request.GET.get("number", ""))
    asked = read_number(request.GET.get("ask", ""))
    if number is None or number > MAX_COUNT or asked not in {level.pk for level in levels}:
        return {}
    return {"asked": asked, "number": number, "receive": request.GET.get("what") == "receive"}


def _number(request: HttpRequest) -> int:
    number = read_number(request.POST.get("number", "").strip())
    if number is None or number > MAX_COUNT:
        raise InvalidInput(fields={"number": [_("Type how many pieces, in digits.")]})
    return number
