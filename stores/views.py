"""Pages about stores: the list near the visitor, one store, the choice of the city."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.cache import keys as cache_keys
from kernel.cache.shared_parts import shared_part
from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.http.crumbs import home_crumb
from kernel.http.places import address_of
from kernel.http.reading import next_path
from kernel.http.seo.public import public_page
from stores.forms import CityForm, StoreFilterForm
from stores.hours import coming_holidays, is_open, opening_note, today_hours, week_hours
from stores.list_page import asked_merchant, stores_listed
from stores.map import store_map
from stores.models import Store
from stores.phones import callable_number
from stores.places import (
    FORGET,
    Here,
    asked_city,
    featured_cities,
    find_city,
    remember_city,
    remember_near,
    unknown_places,
    where_is,
)
from stores.routes import route_to
from stores.selectors import StoreQuery, store_for_page
from stores.wording import service_names, zone_note


@public_page("merchant", blank=("city",), search=("q",))
@require_safe
def store_list(request: HttpRequest) -> HttpResponse:
    """Stores near the visitor, or in the chosen city; filters are GET parameters."""
    here, moment = where_is(request), now()
    form = StoreFilterForm(request.GET)
    city = asked_city(request, None if here.near else here.city)
    merchant = asked_merchant(request)
    values = form.values()
    query = StoreQuery(
        text=values.get("q", ""),
        city=city,
        near=here.near,
        centre=here.centre,
        open_at=moment if values.get("open_now") else None,
        merchant_id=merchant.pk if merchant else None,
    )
    try:
        stores = stores_listed(request, query, here=here, moment=moment)
    except InvalidInput:
        return redirect("store_list")
    context = stores | {
        "form": form,
        "listed_city": city,
        "merchant": merchant,
        "cities": featured_cities(),
        "chips": _chips(request, here, form),
        "left_out": [*unknown_places(request), *form.left_out()],
    }
    return remember_near(request, render(request, "stores/list.html", context), here)


@public_page()
@require_safe
def store_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One store: hours, way, services, its deals and reviews."""
    here, moment = where_is(request), now()
    store = store_for_page(store_id=pk, near=here.near)
    city_id = here.city.pk if here.city else None
    context: dict[str, Any] = {
        "store": store,
        "city": here.city,
        "here": here,
        "crumbs": [
            home_crumb(),
            {"label": _("Stores"), "url": reverse("store_list")},
            {"label": store.name},
        ],
        "shared_html": shared_part(
            "stores/_detail.html",
            None if here.near else cache_keys.store(version=_version(store), city_id=city_id),
            lambda: _store_page(store, here, moment),
        ),
    }
    return remember_near(request, render(request, "stores/detail.html", context), here)


def _version(store: Store) -> tuple[object, ...]:
    """Differs when a column of the store, its hours or its merchant's name has changed."""
    columns = {name: value for name, value in vars(store).items() if name != "_state"}
    return (store.merchant.name_en, store.merchant.name_zh, *sorted(columns.items()))


def _store_page(store: Store, here: Here, moment: dt.datetime) -> dict[str, Any]:
    """The same for everybody in a city: hours, way, services; deals and reviews are put in by tags."""
    return {
        "store": store,
        "city": here.city,
        "here": here,
        "open_now": is_open(store, moment),
        "today": today_hours(store, moment),
        "opening_note": opening_note(store, moment),
        "week": week_hours(store, moment),
        "coming_holidays": coming_holidays(store, moment),
        "zone_note": zone_note(store, _zone_of(here), moment),
        "map": store_map([store], near=here.near, numbered=False),
        "phone": callable_number(store.phone),
        "route": route_to(store),
        "services": service_names(store.services),
        "distance_metres": getattr(store, "distance_metres", None),
    }


@require_POST
def choose_city(request: HttpRequest) -> HttpResponse:
    """Remember the city and go back to where the visitor was."""
    form = CityForm(request.POST)
    city = find_city(form.cleaned_data["city"]) if form.is_valid() else None
    response = redirect(next_path(request, form.cleaned_data.get("next")) or address_of("front"))
    if city is None:
        messages.error(request, _("We do not know this city. Choose one from the list."))
        return response
    return remember_city(response, city)


def _chips(request: HttpRequest, here: Here, form: StoreFilterForm) -> list[dict[str, Any]]:
    """What limits or orders the list, each put on or taken away by one tap."""
    values = form.values()
    open_now, text = bool(values.get("open_now")), values.get("q", "")

    def without(*names: str, **changes: str) -> str:
        params = request.GET.copy()
        for name in ("cursor", *form.errors, *names):
            params.pop(name, None)
        for name, value in changes.items():
            params[name] = value
        return f"?{params.urlencode()}"

    url = without("open_now") if open_now else without(open_now="on")
    chips = [{"label": _("Open now"), "icon": "clock", "url": url, "current": open_now}]
    if here.near:
        forget = without(near=FORGET)
        chips.append(
            {"label": _("From my position"), "icon": "near", "url": forget, "current": True}
        )
    if text:
        chips.append({"label": f"“{text}”", "icon": "search", "url": without("q"), "current": True})
    return chips


def _zone_of(here: Here) -> str:
    """The zone in which the visitor reads the shop's times."""
    return here.city.time_zone if here.city else settings.TIME_ZONE
