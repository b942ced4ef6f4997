"""API: find products, read one with its offers and stores."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api_shapes import (
    ProductDetailSerializer,
    ProductPageSerializer,
    product_row,
    product_shape,
)
from catalog.cards import product_cards
from catalog.found import find_deals
from catalog.occasions import Occasion
from catalog.search import SORTS, ProductQuery
from catalog.selectors import find_category, product_for_page
from catalog.usable import stores_of_product
from kernel.clock import now
from kernel.errors import NotFound
from kernel.http.api_paging import PageParams, page_addresses, read_params
from kernel.http.fields import WholeField
from kernel.http.scopes import Scope
from kernel.money import MAX_AMOUNT_FEN
from stores.api import (
    MAX_RADIUS_METRES,
    CityField,
    MerchantField,
    NearParams,
    StorePageSerializer,
    store_rows,
)
from stores.models import City
from stores.places import Point
from stores.selectors import StoreQuery, find_district, find_stores

STORES_IN_DETAIL = 50


class CategoryField(serializers.CharField):
    """A category's slug; becomes the ids it stands for."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return find_category(super().to_internal_value(data))[1]
        except NotFound:
            raise serializers.ValidationError(_("There is no such category.")) from None


class ProductParams(NearParams, PageParams):
    q = serializers.CharField(
        required=False, max_length=100, allow_blank=True, help_text="Words in Chinese or English."
    )
    category = CategoryField(required=False, help_text="A category's slug; children included.")
    occasion = serializers.ChoiceField(
        choices=Occasion.choices, required=False, help_text="What it is good for."
    )
    merchant = MerchantField(required=False, help_text="A merchant's slug.")
    city = CityField(required=False, help_text="A city's slug: usable at a store there.")
    district = serializers.CharField(
        required=False,
        max_length=80,
        help_text="A district's name in either language: usable at a store there. Needs city.",
    )
    radius = WholeField(
        required=False,
        min_value=1,
        max_value=MAX_RADIUS_METRES,
        help_text="Metres; usable at a store so near. Needs near.",
    )
    open_now = serializers.BooleanField(
        required=False, default=False, help_text="Usable at a store that is open at this moment."
    )
    min_price_fen = WholeField(required=False, min_value=0, max_value=MAX_AMOUNT_FEN)
    max_price_fen = WholeField(required=False, min_value=0, max_value=MAX_AMOUNT_FEN)
    sort = serializers.ChoiceField(
        choices=SORTS,
        default="relevance",
        help_text="Relevance without q is the order of sales; distance needs near.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("near") is None and (attrs.get("radius") or attrs["sort"] == "distance"):
            raise serializers.ValidationError({"near": _("Say where: near=LATITUDE,LONGITUDE.")})
        if name := attrs.get("district"):
            attrs["district"] = _district_of(attrs.get("city"), name)
        low, high = attrs.get("min_price_fen"), attrs.get("max_price_fen")
        if low is not None and high is not None and low > high:
            raise serializers.ValidationError(
                {"max_price_fen": _("The upper price is below the lower one.")}
            )
        return attrs


def _district_of(city: City | None, name: str) -> str:
    if city is None:
        raise serializers.ValidationError({"district": _("A district needs its city.")})
    if district := find_district(city, name):
        return district
    raise serializers.ValidationError({"district": _("There is no such district in this city.")})


class ProductList(APIView):
    scope = Scope.CATALOG_READ
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["products"],
        operation_id="products_list",
        summary="Find products on sale",
        description="Where no product has the words of `q`, the answer is what can be used at the "
        "stores that have them in their name, brand, district, city or address.",
        parameters=[ProductParams],
        responses=ProductPageSerializer,
    )
    def get(self, request: Request) -> Response:
        values = read_params(ProductParams, request)
        merchant, near = values.get("merchant"), values.get("near")
        query = ProductQuery(
            text=values.get("q", ""),
            categories=values.get("category", ()),
            occasion=values.get("occasion", ""),
            city=values.get("city"),
            district=values.get("district", ""),
            near=near,
            radius_metres=values.get("radius"),
            min_price_fen=values.get("min_price_fen"),
            max_price_fen=values.get("max_price_fen"),
            open_at=now() if values["open_now"] else None,
            merchant_id=merchant.pk if merchant else None,
            sort=values["sort"],
        )
        page = find_deals(query, cursor=values.get("cursor", ""), size=values["page_size"]).page
        products = {product.pk: product for product in page.rows}
        cards = product_cards(page.rows)
        results = [product_row(products[card["id"]], card, request) for card in cards]
        return Response({**page_addresses(request, page), "results": results})


NEAR = OpenApiParameter("near", description="LATITUDE,LONGITUDE: sorts the stores by distance.")


class ProductDetail(APIView):
    scope = Scope.CATALOG_READ
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["products"],
        operation_id="products_retrieve",
        summary="Read a product with its offers and stores",
        description="`stores` holds the first 50, the nearest when `near` is given; "
        "GET products/ID/stores has all.",
        parameters=[NEAR],
        responses=ProductDetailSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        near: Point | None = read_params(NearParams, request).get("near")
        found = product_for_page(pk)
        places = stores_of_product(found.product.merchant_id, found.named_by)
        stores = find_stores(StoreQuery(near=near), within=places, size=STORES_IN_DETAIL)
        return Response(product_shape(found, stores.rows, request))


class ProductStoreParams(NearParams, PageParams):
    pass


class ProductStores(APIView):
    scope = Scope.CATALOG_READ
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["products"],
        operation_id="products_stores_list",
        summary="Stores where a product can be used",
        parameters=[ProductStoreParams],
        responses=StorePageSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        values = read_params(ProductStoreParams, request)
        found = product_for_page(pk)
        page = find_stores(
            StoreQuery(near=values.get("near")),
            within=stores_of_product(found.product.merchant_id, found.named_by),
            cursor=values.get("cursor", ""),
            size=values["page_size"],
        )
        results = store_rows(page.rows)
        return Response({**page_addresses(request, page), "results": results})
