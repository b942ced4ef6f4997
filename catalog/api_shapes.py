"""What the API says about products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from catalog.cards import picture_url, pieces_left, price_now
from catalog.compare import compared_fen
from catalog.models import Offer, Product
from catalog.product_page import included_lines, note_texts
from catalog.readable import readable_facts, readable_lines
from catalog.selectors import ProductOnPage
from kernel.bilingual import pick
from kernel.clock import now
from kernel.http.fields import MomentField
from stores.api import MerchantBriefSerializer
from stores.hours import is_open
from stores.models import Store


class CategoryBriefSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


class ProductRowSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    title = serializers.CharField(help_text="In the language asked for.")
    kind = serializers.ChoiceField(choices=Product.Kind.choices)
    merchant = MerchantBriefSerializer()
    category = CategoryBriefSerializer()
    price_fen = serializers.IntegerField(
        allow_null=True, help_text="The lowest price that runs now; null when none does."
    )
    list_price_fen = serializers.IntegerField(help_text="What it costs at the counter.")
    was_fen = serializers.IntegerField(
        allow_null=True,
        help_text="What may be struck through beside the price: the lowest price before a reduction, or "
        "what the contents cost at the counter. Null: nothing. Percentages are of this.",
    )
    ends_at = MomentField(
        allow_null=True, help_text="End of the limited-time price, if that is the lowest."
    )
    sold_out = serializers.BooleanField()
    sales_count = serializers.IntegerField()
    rating = serializers.DecimalField(
        max_digits=2, decimal_places=1, allow_null=True, help_text="Average stars."
    )
    rating_count = serializers.IntegerField()
    picture = serializers.CharField(help_text='Address of the cover, "" without one.')
    nearest_store = serializers.CharField(help_text='Name of the nearest store, "" without near.')
    distance_metres = serializers.IntegerField(
        allow_null=True, help_text="To the nearest store where it can be used; null without near."
    )


class OfferSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Offer.Kind.choices)
    variant = serializers.IntegerField()
    variant_name = serializers.CharField(help_text='The choice, "" when there is only one.')
    price_fen = serializers.IntegerField()
    list_price_fen = serializers.IntegerField()
    was_fen = serializers.IntegerField(allow_null=True, help_text="As of the product.")
    starts_at = MomentField(allow_null=True)
    ends_at = MomentField(allow_null=True)
    remaining = serializers.IntegerField(
        allow_null=True, help_text="The least of quota and stock; null without a limit."
    )
    per_person_limit = serializers.IntegerField(allow_null=True)


class ProductStoreSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    address = serializers.CharField()
    distance_metres = serializers.IntegerField(allow_null=True)
    open_now = serializers.BooleanField(allow_null=True)


class PictureSerializer(serializers.Serializer[Any]):
    url = serializers.CharField()
    small_url = serializers.CharField()
    alt = serializers.CharField()


class IncludedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    value_fen = serializers.IntegerField(allow_null=True, help_text="Of one.")
    total_fen = serializers.IntegerField(allow_null=True, help_text="Of all of the line.")


class TermsSerializer(serializers.Serializer[Any]):
    uses = serializers.IntegerField()
    validity_days = serializers.IntegerField()
    usable_after_hours = serializers.IntegerField()
    uses_per_visit = serializers.IntegerField(
        allow_null=True, help_text="The most that one guest can use at one visit; null: no limit."
    )
    uses_per_day = serializers.IntegerField(allow_null=True)
    uses_per_person = serializers.IntegerField(allow_null=True)
    blackout = serializers.ListField(child=serializers.DictField())
    refund_rule = serializers.ChoiceField(choices=Product.RefundRule.choices)
    refund_days = serializers.IntegerField(allow_null=True)
    refund_on_expiry = serializers.BooleanField()
    notes = serializers.ListField(child=serializers.CharField())


class ProductDetailSerializer(ProductRowSerializer):
    description = serializers.CharField()
    pictures = PictureSerializer(many=True)
    included = IncludedSerializer(many=True)
    provenance = serializers.DictField()
    terms = TermsSerializer()
    offers = OfferSerializer(many=True)
    stores = ProductStoreSerializer(many=True)


class ProductPageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ProductRowSerializer(many=True)


def product_row(product: Product, card: dict[str, Any], request: Request) -> dict[str, Any]:
    """A product in a list; ``card`` is catalog.cards.product_cards' view of it."""
    metres = card["distance_metres"]
    return {
        **_facts(product),
        "price_fen": card["price_fen"],
        "was_fen": card["was_fen"],
        "ends_at": card["ends_at"],
        "sold_out": card["sold_out"],
        "picture": _absolute(request, card["picture"]),
        "nearest_store": card["store_name"] if metres is not None else "",
        "distance_metres": None if metres is None else round(metres),
    }


def product_shape(
    found: ProductOnPage, stores: Sequence[Store], request: Request
) -> dict[str, Any]:
    """A product with everything about it."""
    product, offers = found.product, found.offers
    pictures = [_picture(row, product, request) for row in found.pictures]
    price = price_now(offers)
    rows = [_store(store) for store in stores]
    nearest = rows[0] if rows and rows[0]["distance_metres"] is not None else None
    return {
        **_facts(product),
        "price_fen": price.price_fen,
        "was_fen": compared_fen(price.offer, now()) if price.offer else None,
        "ends_at": price.ends_at,
        "sold_out": price.sold_out,
        "picture": pictures[0]["url"] if pictures else "",
        "nearest_store": nearest["name"] if nearest else "",
        "distance_metres": nearest["distance_metres"] if nearest else None,
        "description": product.description,
        "pictures": pictures,
        "included": included_lines(product),
        "provenance": readable_facts(product),
        "terms": _terms(product),
        "offers": [_offer(offer, product) for offer in offers],
        "stores": rows,
    }


def _facts(product: Product) -> dict[str, Any]:
    return {
        "id": product.pk,
        "title": product.title,
        "kind": product.kind,
        "merchant": {"slug": product.merchant.slug, "name": product.merchant.name},
        "category": {"slug": product.category.slug, "name": product.category.name},
        "list_price_fen": product.list_price_fen,
        "sales_count": product.sales_count,
        "rating": None if product.rating is None else str(product.rating),
        "rating_count": product.rating_count,
    }


def _terms(product: Product) -> dict[str, Any]:
    return {
        "uses": product.uses,
        "validity_days": product.validity_days,
        "usable_after_hours": product.usable_after_hours,
        "uses_per_visit": product.uses_per_visit,
        "uses_per_day": product.uses_per_day,
        "uses_per_person": product.uses_per_person,
        "blackout": readable_lines(product, "blackout"),
        "refund_rule": product.refund_rule,
        "refund_days": product.refund_days,
        "refund_on_expiry": product.refund_on_expiry,
        "notes": note_texts(product),
    }


def _offer(offer: Offer, product: Product) -> dict[str, Any]:
    return {
        "id": offer.pk,
        "kind": Offer.Kind.LIMITED if offer.is_limited else Offer.Kind.NORMAL,
        "variant": offer.variant_id,
        "variant_name": offer.variant.name,
        "price_fen": offer.price_fen,
        "list_price_fen": product.list_price_fen,
        "was_fen": compared_fen(offer, now()),
        "starts_at": offer.starts_at,
        "ends_at": offer.ends_at,
        "remaining": pieces_left(offer),
        "per_person_limit": offer.per_person_limit,
    }


def _store(store: Store) -> dict[str, Any]:
    metres = getattr(store, "distance_metres", None)
    return {
        "id": store.pk,
        "name": store.name,
        "address": store.address,
        "distance_metres": None if metres is None else round(metres),
        "open_now": is_open(store, now()),
    }


def _picture(row: dict[str, Any], product: Product, request: Request) -> dict[str, str]:
    return {
        "url": _absolute(request, picture_url(row["image"])),
        "small_url": _absolute(request, picture_url(row["small"] or row["image"])),
        "alt": pick(row["alt_en"], row["alt_zh"]) or product.title,
    }


def _absolute(request: Request, address: str) -> str:
    return request.build_absolute_uri(address) if address else ""
