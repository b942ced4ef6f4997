"""Pages that sell: home, the list of deals, one product."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog.cards import product_cards, trade_icon
from catalog.forms import SORTS, ProductFilterForm
from catalog.home import front_page
from catalog.models import Category
from catalog.product_page import product_page
from catalog.search import ProductQuery, find_products, stores_of_product
from catalog.selectors import Shelf, find_category, product_for_page, shelves
from o2o.clock import now
from o2o.errors import InvalidInput, NotFound
from stores.cards import store_card
from stores.models import City, Merchant
from stores.places import Here, featured_cities, find_city, remember_near, where_is
from stores.selectors import StoreQuery, find_stores


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """City, search, categories, limited-time offers, near you, well reviewed, new."""
    here = where_is(request)
    context = {
        "here": here,
        "city": here.city,
        "cities": featured_cities(),
        "tiles": _tiles(shelves()),
        "sections": front_page(here),
    }
    return remember_near(request, render(request, "catalog/home.html", context), here)


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """Deals by words, shelf, place and price; filters are GET parameters."""
    here = where_is(request)
    form = ProductFilterForm(request.GET)
    city, merchant = _asked_city(request, here), _asked_merchant(request)
    category, shelf_ids = _asked_category(request)
    values = form.cleaned_data if form.is_valid() else {}
    query = ProductQuery(
        text=values.get("q", ""),
        categories=shelf_ids,
        city=city,
        near=here.near,
        radius_metres=int(values["radius"]) if values.get("radius") and here.near else None,
        min_price_fen=values.get("min_price"),
        max_price_fen=values.get("max_price"),
        open_at=now() if values.get("open_now") else None,
        merchant_id=merchant.pk if merchant else None,
        sort=_sort(values.get("sort", ""), here),
    )
    try:
        page = find_products(query, cursor=request.GET.get("cursor", ""))
    except InvalidInput:  # an old or cut cursor: the first page is better than an error
        return redirect(f"{request.path}?{_without(request.GET, 'cursor').urlencode()}")
    context = {
        "form": form,
        "here": here,
        "city": here.city,
        "listed_city": city,
        "cities": featured_cities(),
        "category": category,
        "merchant": merchant,
        "shelf_chips": _shelf_chips(request, category),
        "sort_chips": _sort_chips(request, query.sort, here),
        "page": page,
        "cards": product_cards(page.rows),
        "title": _list_title(query, category, merchant, city),
    }
    return remember_near(request, render(request, "catalog/list.html", context), here)


@require_safe
def product_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One product: pictures, prices and choices, terms, where it can be used, reviews."""
    here = where_is(request)
    found = product_for_page(pk)
    product = found.product
    context = product_page(found, here=here)
    context |= {"here": here, "city": here.city, "crumbs": _crumbs(product.title, product.category)}
    return remember_near(request, render(request, "catalog/detail.html", context), here)


@require_safe
def product_stores(request: HttpRequest, pk: int) -> HttpResponse:
    """Every store where a product can be used, nearest first."""
    here, moment = where_is(request), now()
    found = product_for_page(pk)
    product = found.product
    query = StoreQuery(near=here.near, centre=here.centre)
    cursor = request.GET.get("cursor", "")
    try:
        page = find_stores(query, within=stores_of_product(product, found.store_ids), cursor=cursor)
    except InvalidInput:
        return redirect("product_stores", pk=pk)
    context = {
        "product": product,
        "here": here,
        "city": here.city,
        "page": page,
        "store_cards": [store_card(store, moment=moment, actions=True) for store in page.rows],
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


def _asked_city(request: HttpRequest, here: Here) -> City | None:
    """The chosen city limits the list, unless another one, or everywhere, is asked for."""
    return find_city(request.GET["city"]) if "city" in request.GET else here.city


def _asked_category(request: HttpRequest) -> tuple[Category | None, tuple[int, ...]]:
    slug = request.GET.get("category", "")
    if not slug:
        return None, ()
    try:
        return find_category(slug)
    except NotFound:
        raise Http404 from None


def _asked_merchant(request: HttpRequest) -> Merchant | None:
    slug = request.GET.get("merchant", "")
    if not slug:
        return None
    merchant = Merchant.objects.filter(slug=slug, state=Merchant.State.APPROVED).first()
    if merchant is None:
        raise Http404
    return merchant


def _sort(wanted: str, here: Here) -> str:
    """ "Nearest" needs to know where the visitor is."""
    if wanted == "distance" and here.near is None:
        return "relevance"
    return wanted or "relevance"


def _without(params: QueryDict, *names: str) -> QueryDict:
    kept = params.copy()
    for name in names:
        kept.pop(name, None)
    return kept


def _address(request: HttpRequest, **changes: str) -> str:
    """This page's address with other parameters, back on its first page."""
    params = _without(request.GET, "cursor")
    for name, value in changes.items():
        params[name] = value
    return f"?{params.urlencode()}"


def _shelf_chips(request: HttpRequest, current: Category | None) -> list[dict[str, Any]]:
    """The top categories, or the children of the one that is open."""
    tree = shelves()
    top_id = current and (current.parent_id or current.pk)
    chips = [{"label": _("All"), "url": _address(request, category=""), "current": current is None}]
    for shelf in tree:
        if top_id and shelf.category.pk != top_id:
            continue
        chips.append(_shelf_chip(request, shelf.category, current))
        if top_id:
            chips += [_shelf_chip(request, child, current) for child in shelf.children]
    return chips


def _shelf_chip(
    request: HttpRequest, category: Category, current: Category | None
) -> dict[str, Any]:
    return {
        "label": category.name,
        "url": _address(request, category=category.slug),
        "current": current is not None and current.pk == category.pk,
    }


def _sort_chips(request: HttpRequest, current: str, here: Here) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": _address(request, sort=key), "current": key == current}
        for key, label in SORTS
        if key != "distance" or here.near
    ]


def _list_title(
    query: ProductQuery, category: Category | None, merchant: Merchant | None, city: City | None
) -> str:
    if query.text:
        return _("Deals for “%(words)s”") % {"words": query.text}
    if merchant:
        return _("Deals of %(merchant)s") % {"merchant": merchant.name}
    if category and city:
        return _("%(category)s in %(city)s") % {"category": category.name, "city": city.name}
    if category:
        return category.name
    return _("Deals in %(city)s") % {"city": city.name} if city else _("Deals")


def _crumbs(title: str, category: Category) -> list[dict[str, str]]:
    crumbs = [{"label": _("Home"), "url": reverse("home")}]
    for shelf in (category.parent, category):
        if shelf is not None:
            url = f"{reverse('product_list')}?category={shelf.slug}"
            crumbs.append({"label": shelf.name, "url": url})
    return [*crumbs, {"label": title, "url": ""}]
