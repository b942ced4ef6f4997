"""What lists of stores and deals share: the merchant asked for, a page of stores with its map."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest

from kernel.http.paging import page_urls
from stores.cards import listed
from stores.models import Merchant, StoreQuerySet
from stores.places import Here
from stores.selectors import StoreQuery, find_merchant, find_stores


def stores_listed(
    request: HttpRequest,
    query: StoreQuery,
    *,
    here: Here,
    moment: dt.datetime,
    within: StoreQuerySet | None = None,
) -> dict[str, Any]:
    """The context of the page that ``?cursor=`` names; raises InvalidInput for a foreign cursor."""
    page = find_stores(query, within=within, cursor=request.GET.get("cursor", ""))
    places = listed(page.rows, moment=moment, near=here.near)
    previous_url, next_url = page_urls(request.GET, page)
    return {
        "here": here,
        "city": here.city,
        "previous_url": previous_url,
        "next_url": next_url,
        "store_cards": places.cards,
        "map": places.map,
    }


def asked_merchant(request: HttpRequest) -> Merchant | None:
    """The merchant that ``?merchant=`` names; None without one. Raises Http404 for none of ours."""
    if not request.GET.get("merchant"):
        return None
    merchant = find_merchant(request.GET["merchant"])
    if merchant is None:
        raise Http404
    return merchant
