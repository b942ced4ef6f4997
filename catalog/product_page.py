"""What a product's page shows: choices with their prices, and everything that it tells beside them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from catalog.cards import most_to_choose, picture_url, pieces_left, price_now, trade_icon
from catalog.collecting import Collecting, is_by_store, places_to_collect
from catalog.compare import compared_fen
from catalog.models import Offer, Product, Variant
from catalog.refund_words import refund_right
from catalog.selectors import ProductOnPage
from catalog.usable import stores_of_product
from kernel.bilingual import pick
from kernel.bounds import MAX_COUNT, is_whole
from kernel.clock import now
from kernel.db.prepared import Prepared
from kernel.money import MAX_AMOUNT_FEN
from kernel.watch.services import try_each
from stores.cards import listed
from stores.models import Store
from stores.places import Here, Point
from stores.selectors import with_card_facts

STORES_SHOWN = 6
FEW_LEFT = 20


class Choice(NamedTuple):
    """A variant with the offer to buy it at; ``usual_fen`` is the normal price beside a limited-time one.

    ``was_fen`` is struck through: the lowest price before it, or what the contents cost at the counter.
    """

    variant: Variant
    offer: Offer
    usual_fen: int | None
    left: int | None
    was_fen: int | None = None
    lowered: bool = False

    @property
    def is_limited(self) -> bool:
        return self.offer.is_limited

    @property
    def sold_out(self) -> bool:
        return self.left == 0

    @property
    def few_left(self) -> bool:
        return self.left is not None and 0 < self.left <= FEW_LEFT

    @property
    def has_note(self) -> bool:
        """Whether there is something to know of it besides the price."""
        return self.few_left or bool(self.offer.per_person_limit)

    @property
    def most(self) -> int:
        """The largest quantity that makes sense to ask for."""
        return most_to_choose(pieces_left(self.offer, bought=0))


def buy_panel(found: ProductOnPage) -> dict[str, Any]:
    """What the page says of price, choice and promise, true at this moment.

    No query, or one where a choice is counted by store.
    """
    product = found.product
    choices = product_choices(found.offers)
    price = price_now(found.offers)
    best = next((choice for choice in choices if choice.offer == price.offer), None)
    return {
        "product": product,
        "pictures": _pictures(found),
        "choices": choices,
        "best": best,
        "collecting": _collecting(choices),
        "saved_fen": best.was_fen - best.offer.price_fen if best and best.was_fen else 0,
        "refund": refund_right(product),
        "included_fen": _worth(included_lines(product)),
    }


def _choice_of_stores(found: ProductOnPage) -> list[str] | None:
    """The names of the stores to choose from where it is counted by store; else None."""
    choices = product_choices(found.offers)
    if not any(is_by_store(choice.variant) for choice in choices):
        return None
    return [place.name for place in _collecting(choices)]


def _collecting(choices: list[Choice]) -> list[Collecting]:
    """The stores where what is counted by store is collected, each once, with the most that it has."""
    counted = [choice.variant.pk for choice in choices if is_by_store(choice.variant)]
    found: dict[int, Collecting] = {}
    for places in places_to_collect(counted).values():
        for place in places:
            known = found.get(place.store.pk)
            if known is None or known.left < place.left:
                found[place.store.pk] = place
    return list(found.values())


def product_story(found: ProductOnPage, *, here: Here) -> dict[str, Any]:
    """All the page says beside the price, the same for everybody in a city.

    One query, for the stores; one more where it is counted by store.
    """
    product = found.product
    product.named_store_ids = found.store_ids  # type: ignore[attr-defined]
    stores = _stores(found, here)
    places = listed(stores[:STORES_SHOWN], moment=now(), near=here.near)
    included = included_lines(product)
    return {
        "product": product,
        "here": here,
        "pictures": _pictures(found),
        "icon": trade_icon((product.category.parent or product.category).trade),
        "store_cards": places.cards,
        "map": places.map,
        "more_stores": len(stores) > STORES_SHOWN,
        "included": included,
        "included_fen": _worth(included),
        "provenance": _provenance(product.provenance),
        "choice": _choice_of_stores(found),
    }


def _worth(included: list[dict[str, Any]]) -> int:
    return sum(line["total_fen"] or 0 for line in included)


def product_choices(offers: list[Offer]) -> list[Choice]:
    """One choice per variant: its cheapest offer with pieces left, in the merchant's order."""
    per_variant: dict[int, list[Offer]] = {}
    moment = now()
    for offer in offers:  # cheapest first
        per_variant.setdefault(offer.variant_id, []).append(offer)
    choices = []
    for rows in per_variant.values():
        best = next((offer for offer in rows if pieces_left(offer) != 0), rows[0])
        usual = next((o.price_fen for o in rows if o.kind == Offer.Kind.NORMAL), None)
        dearer = usual if usual is not None and usual > best.price_fen else None
        was_fen, lowered = compared_fen(best, moment), best.prior_fen(moment) is not None
        choices.append(Choice(best.variant, best, dearer, pieces_left(best), was_fen, lowered))
    return sorted(choices, key=lambda choice: (choice.variant.position, choice.variant.pk))


def _stores(found: ProductOnPage, here: Here) -> list[Store]:
    """The stores to show, nearest first, and one more if there is one."""
    asked = _stores_query(bool(found.store_ids), bool(here.near), bool(here.centre))
    named = () if found.named_by is None else (found.named_by,)
    return asked.all(found.product.merchant_id, *named, *(here.centre or ()))


@cache
def _stores_query(named: bool, near: bool, placed: bool) -> Prepared[Store]:
    """Of the stores that a product names, or of all of its merchant; with distances, or only in their order."""

    def stores_of_the_page(merchant_id: int, *values: Any) -> QuerySet[Store]:
        place = values[named:]
        stores: Any = stores_of_product(merchant_id, values[0] if named else None)
        stores = with_card_facts(stores, near=Point(*place) if near else None)
        if not placed:
            return stores.order_by("id")
        return stores.with_chord(*place).order_by(F("chord"), "id")

    kinds = [int, *[int] * named, *[float] * (2 * placed)]
    return Prepared(stores_of_the_page, *kinds, most=STORES_SHOWN + 1)


def _pictures(found: ProductOnPage) -> list[dict[str, Any]]:
    return [
        {
            "src": picture_url(row["image"]),
            "small": picture_url(row["small"] or row["image"]),
            "srcset": f"{picture_url(row['small'])} 480w, {picture_url(row['image'])} 1200w"
            if row["small"]
            else "",
            "card": picture_url(row["card"]) if row["card"] else "",
            "alt": pick(row["alt_en"], row["alt_zh"]) or found.product.title,
            "width": row["width"],
            "height": row["height"],
        }
        for row in found.pictures
    ]


def included_lines(product: Product) -> list[dict[str, Any]]:
    """What the buyer gets, in the active language. A line of another shape is left out."""
    return try_each(
        _lines(product.included), _included, kind="catalog.included", subject=_subject(product)
    )


def _included(line: dict[str, Any]) -> dict[str, Any]:
    quantity, value_fen = line.get("quantity", 1), line.get("value_fen") or None
    if not is_whole(quantity, 1, MAX_COUNT) or not is_whole(value_fen or 0, 0, MAX_AMOUNT_FEN):
        raise ValueError(f"{quantity} for {value_fen} fen each")
    return {
        "name": pick(_text(line, "name_en"), _text(line, "name_zh")),
        "quantity": quantity,
        "value_fen": value_fen,
        "total_fen": quantity * (value_fen or 0) or None,
    }


def note_texts(product: Product) -> list[str]:
    """The small print, in the active language. A note of another shape is left out."""
    return try_each(
        _lines(product.notes),
        lambda note: pick(_text(note, "en"), _text(note, "zh")),
        kind="catalog.notes",
        subject=_subject(product),
    )


def _lines(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(line: dict[str, Any], key: str) -> str:
    text = line.get(key) or ""
    if not isinstance(text, str):
        raise TypeError(f"{key} is no text")
    return text


def _subject(product: Product) -> Callable[[Any], str]:
    return lambda _line: f"product:{product.pk}"


def _provenance(facts: Any) -> list[dict[str, str]]:
    """The known facts in their order, then whatever else the merchant wrote down."""
    labels = {
        "farm": _("Farm"),
        "origin": pgettext("produce", "From"),
        "batch": _("Batch"),
        "harvested": _("Harvest"),
    }
    if not isinstance(facts, dict):
        return []
    known = {key.removesuffix("_en").removesuffix("_zh") for key in facts}
    ordered = [key for key in labels if key in known] + sorted(known - set(labels))
    rows = [{"label": labels.get(key) or key, "value": _fact(facts, key)} for key in ordered]
    return [row for row in rows if row["value"]]


def _fact(facts: dict[str, Any], key: str) -> str:
    value = facts.get(key)
    if isinstance(value, dict):
        return pick(str(value.get("en", "")), str(value.get("zh", "")))
    return pick(str(facts.get(f"{key}_en") or ""), str(facts.get(f"{key}_zh") or "")) or str(
        value or ""
    )
