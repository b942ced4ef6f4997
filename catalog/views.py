"""Pages that sell: home, the list of deals, one product."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.cards import product_cards, trade_icon
from catalog.facets import facets
from catalog.forms import ProductFilterForm
from catalog.found import find_deals
from catalog.home import front_page
from catalog.list_page import Asked, address, list_page, list_title
from catalog.models import Category
from catalog.occasion_pages import coming_cards, today_in
from catalog.product_page import buy_panel, product_story
from catalog.search import ProductQuery
from catalog.selectors import Shelf, find_category, product_for_page, shelves
from catalog.similar import similar_cards
from catalog.store_row import store_row
from catalog.usable import stores_of_product
from kernel.cache import keys as cache_keys
from kernel.cache.shared_parts import shared_part, shared_parts
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from kernel.facts.services import About, Kind, record, recordable
from kernel.http.crumbs import home_crumb
from kernel.http.paging import page_urls
from kernel.http.seo.public import public_page
from kernel.http.visits import trace_of
from kernel.numerals import read_number
from stores.list_page import asked_merchant, stores_listed
from stores.models import City
from stores.places import (
    Here,
    asked_city,
    featured_cities,
    remember_near,
    unknown_places,
    where_is,
)
from stores.selectors import StoreQuery

SHARED_LISTS = {"category", "city", "sort"}
"""The parameters of lists that are asked for often and have few values."""


@public_page()
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """City, search, categories, limited-time offers, near you, well reviewed, new."""
    here = where_is(request)
    context = {
        "here": here,
        "city": here.city,
        "cities": featured_cities(),
        "tiles": _tiles(shelves()),
        "occasions": [
            {"label": card.name, "url": card.url, "icon": "calendar" if card.day else ""}
            for card in coming_cards(today_in(here.city))
        ],
        "sections_html": shared_part(
            "catalog/_sections.html",
            None if here.near else cache_keys.home(city_id=here.city.pk if here.city else None),
            lambda: {"here": here, "sections": front_page(here)},
        ),
    }
    return remember_near(request, render(request, "catalog/home.html", context), here)


@public_page("category", "merchant", blank=("city",), search=("q",))
@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """Deals by words, shelf, place and price; filters are GET parameters."""
    here = where_is(request)
    city = asked_city(request, here.city)
    form = ProductFilterForm(request.GET, near=here.near is not None, city=city)
    asked = _asked(request, form, here, city)
    found: list[int] = []

    def draw() -> dict[str, Any]:
        facts = _list(asked, form)
        found.append(len(facts["cards"]))
        return facts

    try:
        html = shared_part("catalog/_list.html", _list_key(asked, form), draw)
    except InvalidInput:  # an old or cut cursor: the first page is better than an error
        return redirect(f"{request.path}{address(asked.params)}")
    context = {
        "here": here,
        "city": here.city,
        "category": asked.category,
        "merchant": asked.merchant,
        "title": list_title(asked),
        "left_out": [*unknown_places(request), *form.left_out()],
        "list_html": html,
    }
    _record_search(request, asked, found)
    return remember_near(request, render(request, "catalog/list.html", context), here)


def _record_search(request: HttpRequest, asked: Asked, found: list[int]) -> None:
    """The words that somebody looked for, once: not again for each page of what was found."""
    words = recordable(asked.query.text)
    if words and found and not asked.cursor:
        about = About(
            merchant_id=asked.merchant.pk if asked.merchant else None, words=words, number=found[0]
        )
        record(Kind.SEARCH, [about], trace=trace_of(request))


def _list(asked: Asked, form: ProductFilterForm) -> dict[str, Any]:
    """All of it made of `Asked`: an address as it was typed never gets into a shared page."""
    found = find_deals(asked.query, cursor=asked.cursor)
    page, counts = found.page, facets(found.query)
    previous_url, next_url = page_urls(asked.params, page)
    return {
        "form": form.shown_again(asked.params),
        "here": asked.here,
        "city_named": asked.city_named,
        "open_now": bool(asked.query.open_at),
        "limited": asked.query.limited,
        "listed_city": asked.city,
        "cities": featured_cities(),
        "category": asked.category,
        "merchant": asked.merchant,
        "page": page,
        "previous_url": previous_url,
        "next_url": next_url,
        "cards": product_cards(page.rows),
        "by_store": found.by_store,
        "result_text": counts.total_text(len(page.rows)),
        **store_row(asked),
        **list_page(asked, counts, empty=not page.rows),
    }


def _list_key(asked: Asked, form: ProductFilterForm) -> str | None:
    """The key of an entry page of the list; None for a list that few people ask for."""
    if form.errors or asked.here.near or asked.cursor or not set(asked.params) <= SHARED_LISTS:
        return None
    return cache_keys.deals(
        address=asked.params.urlencode(), city_id=asked.city.pk if asked.city else None
    )


@public_page()
@require_safe
def product_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One product: pictures, prices and choices, terms, where it can be used, reviews.

    Prices and what is left are read each time; a change of the product shows at once, one of
    its stores and reviews within some seconds.
    """
    here = where_is(request)
    found = product_for_page(pk)
    product = found.product
    city_id = here.city.pk if here.city else None
    context = buy_panel(found)
    context["collect_at"] = read_number(request.GET.get("store"))
    context |= {"here": here, "city": here.city, "crumbs": _crumbs(product.title, product.category)}
    context["shared"] = shared_parts(
        {"head": "catalog/_head.html", "rest": "catalog/_rest.html"},
        None if here.near else cache_keys.product(version=found.version, city_id=city_id),
        lambda: product_story(found, here=here),
    )
    about = About(merchant_id=product.merchant_id, product_id=product.pk)
    record(Kind.PRODUCT_VIEW, [about], trace=trace_of(request))
    context["similar_html"] = shared_part(
        "catalog/_similar.html",
        cache_keys.similar(product_id=product.pk, city_id=city_id),
        lambda: {
            "similar": similar_cards(product, city=here.city),
            "category": product.category,
        },
    )
    return remember_near(request, render(request, "catalog/detail.html", context), here)


@public_page()
@require_safe
def product_stores(request: HttpRequest, pk: int) -> HttpResponse:
    """Every store where a product can be used, nearest first."""
    here, moment = where_is(request), now()
    found = product_for_page(pk)
    product = found.product
    query = StoreQuery(near=here.near, centre=here.centre)
    usable = stores_of_product(product.merchant_id, found.named_by)
    try:
        stores = stores_listed(request, query, here=here, moment=moment, within=usable)
    except InvalidInput:
        return redirect("product_stores", pk=pk)
    context = stores | {
        "product": product,
        "crumbs": [
            {"label": product.title, "url": reverse("product_detail", args=[pk])},
            {"label": _("Where it can be used"), "url": ""},
        ],
    }
    return remember_near(request, render(request, "catalog/stores.html", context), here)


def _tiles(tree: list[Shelf]) -> list[dict[str, Any]]:
    return [
        {
            "label": shelf.category.name,
            "url": f"{reverse('product_list')}?category={shelf.category.slug}",
            "icon": trade_icon(shelf.category.trade),
        }
        for shelf in tree
    ]


def _asked(request: HttpRequest, form: ProductFilterForm, here: Here, city: City | None) -> Asked:
    """What the address asks for; a filter that makes no sense hides nothing."""
    merchant = asked_merchant(request)
    category, shelf_ids = _asked_category(request)
    values = form.values()
    query = ProductQuery(
        text=values.get("q", ""),
        categories=shelf_ids,
        city=city,
        district=values.get("district", ""),
        near=here.near,
        radius_metres=int(values["radius"]) if values.get("radius") else None,
        min_price_fen=values.get("min_price"),
        max_price_fen=values.get("max_price"),
        open_at=now() if values.get("open_now") else None,
        merchant_id=merchant.pk if merchant else None,
        limited=bool(values.get("limited")),
        sort=values.get("sort") or "relevance",
    )
    return Asked(
        query,
        category,
        merchant,
        city,
        here,
        city_named="city" in request.GET,
        near_named=bool(here.near and request.GET.get("near")),
        cursor=request.GET.get("cursor", ""),
    )


def _asked_category(request: HttpRequest) -> tuple[Category | None, tuple[int, ...]]:
    slug = request.GET.get("category", "")
    if not slug:
        return None, ()
    try:
        return find_category(slug)
    except NotFound:
        raise Http404 from None


def _crumbs(title: str, category: Category) -> list[dict[str, str]]:
    crumbs = [home_crumb()]
    for shelf in (category.parent, category):
        if shelf is not None:
            url = f"{reverse('product_list')}?category={shelf.slug}"
            crumbs.append({"label": shelf.name, "url": url})
    return [*crumbs, {"label": title, "url": ""}]
