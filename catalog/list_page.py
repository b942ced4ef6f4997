"""What the list of deals shows around its cards: title, chips with counts, filters to take away."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext as _

from catalog.facets import Facets
from catalog.forms import RADII, SORTS
from catalog.models import Category
from catalog.search import ProductQuery
from catalog.selectors import Shelf, shelves
from kernel.http.templatetags.fmt import fen
from kernel.money import fen_to_yuan
from kernel.plaintext import isolate
from stores.models import City, Merchant
from stores.places import Here

PRICE_BANDS_YUAN = ((None, 50), (50, 100), (100, 200), (200, 500), (500, None))
PRICE_NAMES = ("min_price", "max_price")
FILTER_NAMES = ("merchant", "district", "radius", "open_now", "limited", *PRICE_NAMES)


class Asked(NamedTuple):
    """What a visitor asked the list for, in objects."""

    query: ProductQuery
    category: Category | None
    merchant: Merchant | None
    city: City | None
    here: Here
    city_named: bool = False
    near_named: bool = False
    cursor: str = ""

    @property
    def params(self) -> QueryDict:
        """The first page's address, made of what was understood and of nothing else.

        Two addresses that mean the same are the same here; the city and the position stand in it
        only where the visitor's address named them, not where a cookie did.
        """
        query = self.query
        named: dict[str, object] = {
            "q": query.text,
            "category": self.category and self.category.slug,
            "merchant": self.merchant and self.merchant.slug,
            "district": query.district,
            "near": query.near if self.near_named else None,
            "radius": query.radius_metres,
            "min_price": _yuan(query.min_price_fen),
            "max_price": _yuan(query.max_price_fen),
            "open_now": "on" if query.open_at else "",
            "limited": "on" if query.limited else "",
            "sort": query.sort if query.sort != "relevance" else "",
        }
        params = QueryDict(mutable=True)
        for name, value in named.items():
            if value:
                params[name] = str(value)
        if self.city_named:
            params["city"] = self.city.slug if self.city else ""
        return params


def address(params: QueryDict, *without: str, **changes: str) -> str:
    """The list's address with other parameters, back on its first page."""
    kept = params.copy()
    for name in ("cursor", *without):
        kept.pop(name, None)
    for name, value in changes.items():
        kept[name] = value
    return f"?{kept.urlencode()}"


def _yuan(amount_fen: int | None) -> str:
    """As people write it: "50" or "49.90"."""
    return "" if amount_fen is None else str(fen_to_yuan(amount_fen)).removesuffix(".00")


def list_page(asked: Asked, counts: Facets, *, empty: bool) -> dict[str, Any]:
    """Return title, chips and facets for templates/catalog/list.html; no query.

    ``empty``: no deal is on the page, so it says where else to look.
    """
    params = asked.params
    return {
        "title": list_title(asked),
        "words": asked.query.text,
        "shelf_chips": _shelf_chips(params, asked, counts),
        "other_shelves": _other_shelves() if empty and asked.query.text else [],
        "sort_chips": _sort_chips(params, asked),
        "quick_chips": _quick_chips(params, asked, counts),
        "price_chips": _price_chips(params, asked, counts),
        "district_chips": _district_chips(params, asked, counts),
        "active": (active := _active(params, asked, counts)),
        "panel_count": sum(chip["in_panel"] for chip in active),
        "clear_url": address(params, *FILTER_NAMES),
    }


def list_title(asked: Asked) -> str:
    """The heading of the list and the title of its page."""
    query, category, merchant, city = asked[:4]
    if query.text:
        return _("Deals for “%(words)s”") % {"words": query.text}
    if merchant:
        return _("Deals of %(merchant)s") % {"merchant": isolate(merchant.name)}
    if category and city:
        return _("%(category)s in %(city)s") % {
            "category": isolate(category.name),
            "city": isolate(city.name),
        }
    if category:
        return category.name
    return _("Deals in %(city)s") % {"city": isolate(city.name)} if city else _("Deals")


def _shelf_chips(params: QueryDict, asked: Asked, counts: Facets) -> list[dict[str, Any]]:
    """The top categories, or the children of the one that is open."""
    tree, current = shelves(), asked.category
    top_id = (current.parent_id or current.pk) if current else None
    numbers = counts.categories()

    def chip(category: Category, ids: tuple[int, ...]) -> dict[str, Any]:
        return {
            "label": category.name,
            "url": address(params, category=category.slug),
            "current": current is not None and current.pk == category.pk,
            "count": counts.shown(sum(numbers[pk] for pk in ids)) or None,
        }

    chips = [
        {"label": _("All"), "url": address(params, "category"), "current": current is None}
        | {"count": counts.shown(numbers.total()) or None}
    ]
    for shelf in _open_shelves(tree, top_id):
        chips.append(chip(shelf.category, shelf.ids))
        if top_id:
            chips += [chip(child, (child.pk,)) for child in shelf.children]
    return [row for row in chips if row["current"] or row["count"] != "0"]


def _other_shelves() -> list[dict[str, str]]:
    """Where to look when the words find nothing: the top shelves, without the words."""
    return [
        {"label": shelf.category.name, "url": f"?category={shelf.category.slug}"}
        for shelf in shelves()
    ]


def _open_shelves(tree: list[Shelf], top_id: int | None) -> list[Shelf]:
    return [shelf for shelf in tree if not top_id or shelf.category.pk == top_id]


def _sort_chips(params: QueryDict, asked: Asked) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": address(params, sort=key), "current": key == asked.query.sort}
        for key, label in SORTS
        if key != "distance" or asked.here.near
    ]


def _toggle(params: QueryDict, name: str, label: str, *, on: bool) -> dict[str, Any]:
    url = address(params, name) if on else address(params, **{name: "on"})
    return {"label": label, "url": url, "current": on}


def _quick_chips(params: QueryDict, asked: Asked, counts: Facets) -> list[dict[str, Any]]:
    query = asked.query
    open_now = _toggle(params, "open_now", _("Open now"), on=bool(query.open_at))
    limited = _toggle(params, "limited", _("Limited time"), on=query.limited)
    return [
        open_now | {"icon": "clock", "count": counts.shown(counts.open_now()) or None},
        limited | {"icon": "bolt"},
    ]


def _price_label(low_fen: int | None, high_fen: int | None) -> str:
    low, high = fen(low_fen), fen(high_fen)
    if low and high:
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    if low:
        return _("From %(low)s") % {"low": low}
    return _("Up to %(high)s") % {"high": high}


def _price_chips(params: QueryDict, asked: Asked, counts: Facets) -> list[dict[str, Any]]:
    query, chips = asked.query, []
    for low, high in PRICE_BANDS_YUAN:
        low_fen, high_fen = (None if yuan is None else yuan * 100 for yuan in (low, high))
        number = counts.between(low_fen, high_fen)
        current = (query.min_price_fen, query.max_price_fen) == (low_fen, high_fen)
        if not (number or current):
            continue
        ends = {
            name: str(yuan)
            for name, yuan in zip(PRICE_NAMES, (low, high), strict=True)
            if yuan is not None and not current
        }
        chips.append(
            {
                "label": _price_label(low_fen, high_fen),
                "url": address(params, *PRICE_NAMES, **ends),
                "current": current,
                "count": counts.shown(number),
            }
        )
    return chips


def _district_chips(params: QueryDict, asked: Asked, counts: Facets) -> list[dict[str, Any]]:
    """The districts of the listed city, the ones with most deals first."""
    if asked.city is None:
        return []
    chosen = asked.query.district
    return [
        {
            "label": district.name,
            "url": address(params, "district")
            if district.key == chosen
            else address(params, district=district.key),
            "current": district.key == chosen,
            "count": counts.shown(district.deals),
        }
        for district in counts.districts()
    ]


def _active(params: QueryDict, asked: Asked, counts: Facets) -> list[dict[str, Any]]:
    """The filters that limit the list, each with the address of the list without it.

    The words stand in the search box and the title, the shelf is the chosen chip above.
    """
    query, here = asked.query, asked.here
    districts = {district.key: district.name for district in counts.districts()}
    radius = dict(RADII).get(str(query.radius_metres)) if here.near else ""
    lines: list[tuple[Any, tuple[str, ...], bool]] = [
        (asked.merchant and asked.merchant.name, ("merchant",), False),
        (districts.get(query.district, query.district), ("district",), True),
        (_chosen_price(query), PRICE_NAMES, True),
        (radius and _("Within %(distance)s") % {"distance": radius}, ("radius",), True),
        (query.open_at and _("Open now"), ("open_now",), True),
        (query.limited and _("Limited time"), ("limited",), True),
    ]
    return [
        {"label": label, "url": address(params, *names), "in_panel": in_panel}
        for label, names, in_panel in lines
        if label
    ]


def _chosen_price(query: ProductQuery) -> str:
    if query.min_price_fen is None and query.max_price_fen is None:
        return ""
    return _price_label(query.min_price_fen, query.max_price_fen)
