"""Pages of occasions: which there are, and what fits one of them near the visitor."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.cards import product_cards
from catalog.occasion_pages import occasion_card, occasion_cards, today_in
from catalog.search import ProductQuery, find_products
from kernel.errors import InvalidInput, NotFound
from kernel.http.crumbs import home_crumb
from kernel.http.paging import page_urls
from kernel.http.seo.public import public_page
from stores.places import featured_cities, remember_near, where_is


@public_page()
@require_safe
def occasion_list(request: HttpRequest) -> HttpResponse:
    """All occasions; festivals with their next day."""
    here = where_is(request)
    cards = occasion_cards(today_in(here.city))
    crumbs = [home_crumb(), {"label": _("Occasions"), "url": ""}]
    context = {"here": here, "cards": cards, "crumbs": crumbs, "cities": featured_cities()}
    return render(request, "catalog/occasions.html", context)


@public_page()
@require_safe
def occasion_detail(request: HttpRequest, code: str) -> HttpResponse:
    """What fits an occasion in the visitor's city, the most sold first."""
    here = where_is(request)
    try:
        occasion = occasion_card(code, today_in(here.city))
    except NotFound:
        raise Http404 from None
    query = ProductQuery(occasion=code, city=here.city, near=here.near)
    try:
        page = find_products(query, cursor=request.GET.get("cursor", ""))
    except InvalidInput:  # an old or cut cursor: the first page is better than an error
        return redirect(request.path)
    previous_url, next_url = page_urls(request.GET, page)
    context = {
        "here": here,
        "city": here.city,
        "occasion": occasion,
        "others": [
            {"label": card.name, "url": card.url, "current": card.code == code}
            for card in occasion_cards(today_in(here.city))
        ],
        "cards": product_cards(page.rows),
        "previous_url": previous_url,
        "next_url": next_url,
        "crumbs": [
            home_crumb(),
            {"label": _("Occasions"), "url": reverse("occasion_list")},
            {"label": occasion.name, "url": ""},
        ],
    }
    return remember_near(request, render(request, "catalog/occasion.html", context), here)
