"""The store console: pick a store, scan, look, confirm, undo."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.day import show_row
from console.devices import device_of
from console.guest_coupons import guest_coupons
from console.reading import read_code, read_uses
from console.views_codes import recognised_page
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound, Refusal, TooManyAttempts
from kernel.http.limits import hit
from kernel.http.once import page_once
from kernel.http.paging import newest_page
from kernel.http.refused import refused_page, tell_wait
from stores.access import access_store_for_staff, stores_for_staff
from stores.counter_cookie import COUNTER_STAFF
from stores.device_access import DEVICE_COOKIE, access_device
from stores.errors import DeviceNeeded, DeviceOfAnotherStore, DeviceRevoked, DeviceUnknown
from stores.models import Store
from stores.rights import Right, merchants_where
from vouchers.access import access_redemption_for_staff
from vouchers.day import figures_of_day, latest_of_day
from vouchers.errors import AlreadyRedeemed, AlreadyUndone, CounterRefusal, Unknown
from vouchers.explain import explain
from vouchers.models import Redemption
from vouchers.pictures import read_picture
from vouchers.presentation import ago, standing_badge
from vouchers.services.redeem import preview_voucher, redeem_voucher, undo_redemption
from vouchers.states import standing_of

FRAMES_PER_MINUTE = 240
TYPED_LENGTH = 24
YEAR_SECONDS = 365 * 24 * 60 * 60
FRESH = dt.timedelta(minutes=5)
DEVICE_REFUSALS = (DeviceNeeded, DeviceOfAnotherStore, DeviceRevoked, DeviceUnknown)


@login_required
@require_safe
def console_home(request: HttpRequest) -> HttpResponse:
    """Pick one of my stores; someone with a single store is taken there.

    Somebody without a store reads what the console is, and how a business joins; whose role works
    in the back office is led there. Who reads figures only finds the day of each store.
    """
    stores = stores_for_staff(request.user)
    figures_only = not stores.exists()
    if figures_only:
        stores = stores_for_staff(request.user, Right.SEE_SALES)
    words = request.GET.get("q", "").strip()[:100]
    if words:
        stores = stores.filter(
            Q(name_en__reads=words)
            | Q(name_zh__reads=words)
            | Q(address_en__reads=words)
            | Q(address_zh__reads=words)
            | Q(external_code__iexact=words)
        )
    page = newest_page(stores, request.GET, size=40)
    asked = words or page.previous_url or page.next_url
    if not page.items and not asked:
        nobody = {
            "office": request.user.is_staff,
            "redeems": merchants_where(request.user, Right.REDEEM).exists(),
        }
        return render(request, "console/nobody.html", nobody, status=404)
    target = "console_today" if figures_only else "console_store"
    if len(page.items) == 1 and not asked:
        response: HttpResponse = redirect(target, page.items[0].pk)
    else:
        context = {
            "page": page,
            "q": words,
            "searchable": bool(asked) or len(page.items) > 8,
            "figures_only": figures_only,
            "target": target,
        }
        response = render(request, "console/home.html", context)
    response.set_cookie(
        COUNTER_STAFF,
        str(request.user.pk),
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


@login_required
@require_safe
@never_cache
def console_store(request: HttpRequest, store_id: int) -> HttpResponse:
    """The scan screen; a device that may not redeem here says so before a guest waits."""
    store = _store(request, store_id)
    try:
        access_device(token=request.COOKIES.get(DEVICE_COOKIE, ""), store_id=store_id)
    except (DeviceOfAnotherStore, DeviceUnknown):
        pass  # said at the first code: somebody may be here to enrol it
    except DeviceRevoked as refusal:
        return _scan_page(request, store, refusal)
    return _scan_page(request, store)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def console_preview(request: HttpRequest, store_id: int) -> HttpResponse:
    """What was scanned, typed or photographed; nothing is redeemed yet."""
    store = _store(request, store_id)
    if request.method != "POST":
        return redirect("console_store", store_id)
    try:
        device = device_of(request, store_id)
        code = _scanned(request)
        if (page := recognised_page(request, store, code)) is not None:
            return page
        preview = preview_voucher(staff=request.user, store_id=store_id, code=code, device=device)
    except CounterRefusal as refusal:
        return _refused(request, store, refusal)
    except Refusal as refusal:
        return _scan_page(request, store, refusal)
    voucher = preview.voucher
    lines = explain(preview.terms, last_day=voucher.last_day, zone=voucher.zone)
    context = {
        "store": store,
        "preview": preview,
        "voucher": voucher,
        "included": [line for line in lines if line.kind == "included"],
        "rules": [line for line in lines if line.kind != "included"],
        "code": voucher.code,
        "coupons": guest_coupons(store=store, owner_id=voucher.owner_id),
    }
    return render(request, "console/preview.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def console_redeem(request: HttpRequest, store_id: int) -> HttpResponse:
    """Confirm. The form's one-time key makes double clicks, "back" and "reload" harmless."""
    store = _store(request, store_id)
    if request.method != "POST":
        return redirect("console_store", store_id)

    def redeem() -> int:
        code, uses = read_code(request.POST.get("code")), read_uses(request.POST.get("uses", "1"))
        return redeem_voucher(
            staff=request.user,
            store_id=store_id,
            code=code,
            uses=uses,
            device=device_of(request, store_id),
        ).pk

    try:
        redemption_id = page_once(request, redeem).value
    except Refusal as refusal:
        return _refused(request, store, refusal)
    return redirect("console_result", store_id, redemption_id)


@login_required
@require_safe
@never_cache
def console_result(request: HttpRequest, store_id: int, pk: int) -> HttpResponse:
    """The large answer, with the undo while its window is open."""
    return _result_page(request, _redemption(request, store_id, pk))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def console_undo(request: HttpRequest, store_id: int, pk: int) -> HttpResponse:
    """Take a redemption back. Repeating it changes nothing more."""
    redemption = _redemption(request, store_id, pk)
    if request.method == "POST":
        try:
            device = device_of(request, store_id)
            undo_redemption(staff=request.user, redemption_id=pk, device=device)
        except AlreadyUndone:
            pass
        except Refusal as refusal:
            return _result_page(request, redemption, refusal)
    return redirect("console_result", store_id, pk)


@login_required
@require_POST
@never_cache
def console_decode(request: HttpRequest, store_id: int) -> HttpResponse:
    """Read the code in one camera frame, for browsers that cannot do it themselves."""
    _store(request, store_id)
    try:
        hit("frames", str(request.user.pk), limit=FRAMES_PER_MINUTE, period_seconds=60)
        return JsonResponse({"code": _picture(request)})
    except TooManyAttempts as refusal:
        answer = JsonResponse({"detail": str(refusal)}, status=refusal.status)
        return tell_wait(answer, refusal)
    except Refusal as refusal:
        return JsonResponse({"code": "", "detail": str(refusal)})


def _store(request: HttpRequest, store_id: int) -> Store:
    return access_store_for_staff(user=request.user, store_id=store_id)


def _redemption(request: HttpRequest, store_id: int, pk: int) -> Redemption:
    redemption = access_redemption_for_staff(user=request.user, redemption_id=pk)
    if redemption.store_id != store_id:
        raise NotFound
    return redemption


def _scanned(request: HttpRequest) -> str:
    if request.FILES.get("picture"):
        return _picture(request)
    code = request.POST.get("code", "").strip()
    if not code:
        raise InvalidInput(_("Scan a code, type its twelve digits, or choose a picture of it."))
    return read_code(code)


def _picture(request: HttpRequest) -> str:
    upload = request.FILES.get("picture")
    if upload is None:
        raise InvalidInput(_("Choose a picture of the code."))
    return read_picture(upload)


def _scan_page(request: HttpRequest, store: Store, refusal: Refusal | None = None) -> HttpResponse:
    today = store.local_day(now())
    context = {
        "store": store,
        "console_tab": "scan",
        "refusal": refusal,
        "of_device": isinstance(refusal, DEVICE_REFUSALS),
        "own_store": _store_of_device(request, refusal),
        "typed": request.POST.get("code", "").strip()[:TYPED_LENGTH] if refusal else "",
        "total": figures_of_day(store, today).total,
        "rows": [
            show_row(row, with_amount=row.staff_id == request.user.pk)
            for row in latest_of_day(store, today)
        ],
    }
    return refused_page(request, "console/scan.html", context, refusal)


def _store_of_device(request: HttpRequest, refusal: Refusal | None) -> Store | None:
    """The store that this device belongs to, where the person may work there, too."""
    if not isinstance(refusal, DeviceOfAnotherStore):
        return None
    return stores_for_staff(request.user).filter(pk=refusal.extra["store"]).first()


def _refused(request: HttpRequest, store: Store, refusal: Refusal) -> HttpResponse:
    """Every refusal of the counter: colour, icon, word and the exact reason."""
    context: dict[str, Any] = {
        "store": store,
        "refusal": refusal,
        "word": getattr(refusal, "word", _("Not completed")),
        "kind": getattr(refusal, "kind", "wait"),
    }
    if isinstance(refusal, AlreadyRedeemed) and refusal.extra:
        context["ago"] = ago(dt.datetime.fromisoformat(refusal.extra["redeemed_at"]))
        if refusal.extra["store"]["id"] == store.pk:
            context["earlier_id"] = refusal.extra["redemption"]
    typed = request.POST.get("code", "").strip()
    if isinstance(refusal, Unknown) and len(typed) <= TYPED_LENGTH:
        context["typed"] = typed  # a digit may be wrong; nobody types the other eleven again
    return refused_page(request, "console/refused.html", context, refusal)


def _result_page(
    request: HttpRequest, redemption: Redemption, refusal: Refusal | None = None
) -> HttpResponse:
    # A green screen of an earlier guest must not pass for this one's: it is shown as a record.
    fresh = now() - redemption.redeemed_at <= FRESH
    context = {
        "store": redemption.store,
        "redemption": redemption,
        "voucher": redemption.voucher,
        "kind": "ok" if fresh else "record",
        "ago": "" if fresh else ago(redemption.occurred_at),
        "can_undo": redemption.can_undo() and refusal is None,
        "refusal": refusal,
        "standing": standing_badge(standing_of(redemption), value_fen=redemption.value_fen),
    }
    status = refusal.status if refusal else 200
    return render(request, "console/result.html", context, status=status)
