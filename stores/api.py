"""API: find stores, read one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.http.api_paging import PageParams, page_addresses, read_params
from kernel.http.fields import DayField, WholeField
from kernel.http.scopes import Scope
from kernel.watch.services import try_each
from stores.cards import store_subject
from stores.hours import is_open, today_hours, week_hours
from stores.models import City, Merchant, Store
from stores.places import Point, find_city, parse_point
from stores.selectors import (
    StoreQuery,
    find_merchant,
    find_stores,
    store_for_page,
)
from stores.wording import service_names

MAX_RADIUS_METRES = 20_100_000
"""Half way round the globe."""


class NearField(serializers.CharField):
    """ "LATITUDE,LONGITUDE" in degrees."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return parse_point(super().to_internal_value(data))
        except InvalidInput as error:
            raise serializers.ValidationError(error.extra["fields"]["near"]) from None


class CityField(serializers.CharField):
    """A city's slug."""

    def to_internal_value(self, data: Any) -> Any:
        city = find_city(super().to_internal_value(data))
        if city is None:
            raise serializers.ValidationError(_("There is no such city."))
        return city


class MerchantField(serializers.CharField):
    """A merchant's slug."""

    def to_internal_value(self, data: Any) -> Any:
        merchant = find_merchant(super().to_internal_value(data))
        if merchant is None:
            raise serializers.ValidationError(_("There is no such merchant."))
        return merchant


class NearParams(serializers.Serializer[Any]):
    near = NearField(required=False, help_text="LATITUDE,LONGITUDE in degrees.")


class StoreParams(NearParams, PageParams):
    radius = WholeField(
        required=False, min_value=1, max_value=MAX_RADIUS_METRES, help_text="Metres; needs near."
    )
    city = CityField(required=False, help_text="A city's slug.")
    merchant = MerchantField(required=False, help_text="A merchant's slug.")
    open_now = serializers.BooleanField(
        required=False, default=False, help_text="Only stores open at this moment, by their clock."
    )
    q = serializers.CharField(
        required=False,
        max_length=100,
        allow_blank=True,
        help_text="Words of the name, brand, district, city or address, in Chinese or English.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("radius") and not attrs.get("near"):
            raise serializers.ValidationError({"near": _("A radius needs a position: near.")})
        return attrs


class MerchantBriefSerializer(serializers.ModelSerializer[Merchant]):
    name = serializers.CharField(read_only=True)

    class Meta:
        model = Merchant
        fields = ("slug", "name")
        read_only_fields = fields


class CityBriefSerializer(serializers.ModelSerializer[City]):
    name = serializers.CharField(read_only=True)

    class Meta:
        model = City
        fields = ("slug", "name", "country")
        read_only_fields = fields


class StoreSerializer(serializers.ModelSerializer[Store]):
    name = serializers.CharField(read_only=True, help_text="In the language asked for.")
    address = serializers.CharField(read_only=True)
    district = serializers.CharField(read_only=True)
    merchant = MerchantBriefSerializer(read_only=True)
    city = CityBriefSerializer(read_only=True)
    rating = serializers.DecimalField(
        max_digits=2, decimal_places=1, read_only=True, allow_null=True, help_text="Average stars."
    )
    open_now = serializers.SerializerMethodField(help_text="Null when the hours are unknown.")
    hours_today = serializers.SerializerMethodField(help_text="In words, by the store's own day.")
    distance_metres = serializers.SerializerMethodField(help_text="When near is given.")

    class Meta:
        model = Store
        fields: tuple[str, ...] = (
            "id",
            "name",
            "merchant",
            "city",
            "district",
            "address",
            "postcode",
            "phone",
            "latitude",
            "longitude",
            "time_zone",
            "rating",
            "rating_count",
            "open_now",
            "hours_today",
            "distance_metres",
        )
        read_only_fields = fields

    def _moment(self) -> dt.datetime:
        """One moment for all rows of an answer."""
        context: dict[str, Any] = self.context  # type: ignore[assignment]
        moment: dt.datetime = context.setdefault("moment", now())
        return moment

    def get_open_now(self, store: Store) -> bool | None:
        return is_open(store, self._moment())

    def get_hours_today(self, store: Store) -> str:
        return today_hours(store, self._moment()).text

    def get_distance_metres(self, store: Store) -> int | None:
        metres = getattr(store, "distance_metres", None)
        return None if metres is None else round(metres)


def store_rows(stores: Iterable[Store]) -> list[dict[str, Any]]:
    """The stores of a list as JSON, all at one moment; one that can't be told is left out."""
    serializer = StoreSerializer(context={"moment": now()})
    return try_each(stores, serializer.to_representation, kind="stores.api", subject=store_subject)


@extend_schema_field({"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"})
class ClockField(serializers.TimeField):
    """ "HH:MM": OpenAPI's own format "time" would promise seconds and an offset."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)


class SpanSerializer(serializers.Serializer[Any]):
    opens = ClockField()
    closes = ClockField(help_text="At or before opens: on the next day. 00:00–00:00: all day.")


class DaySerializer(serializers.Serializer[Any]):
    day = DayField()
    known = serializers.BooleanField()
    is_holiday = serializers.BooleanField()
    note = serializers.CharField()
    spans = SpanSerializer(many=True)


class ServiceSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()


class StoreDetailSerializer(StoreSerializer):
    week = serializers.SerializerMethodField(help_text="Seven days from the store's today on.")
    services = serializers.SerializerMethodField()
    picture = serializers.SerializerMethodField()

    class Meta(StoreSerializer.Meta):
        fields = (
            *StoreSerializer.Meta.fields,
            "week",
            "services",
            "picture",
        )
        read_only_fields = fields

    @extend_schema_field(DaySerializer(many=True))
    def get_week(self, store: Store) -> Any:
        return DaySerializer(week_hours(store, self._moment()), many=True).data

    @extend_schema_field(ServiceSerializer(many=True))
    def get_services(self, store: Store) -> list[dict[str, str]]:
        names = service_names(store.services)
        return [{"key": key, "name": name} for key, name in zip(store.services, names, strict=True)]

    def get_picture(self, store: Store) -> str:
        return store.picture.url if store.picture else ""


class StorePageSerializer(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = StoreSerializer(many=True)


class StoreList(APIView):
    scope = Scope.CATALOG_READ
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["stores"],
        operation_id="stores_list",
        summary="Find stores",
        description="Nearest first when `near` is given, else in the order of their ids.",
        parameters=[StoreParams],
        responses=StorePageSerializer,
    )
    def get(self, request: Request) -> Response:
        values = read_params(StoreParams, request)
        merchant = values.get("merchant")
        query = StoreQuery(
            text=values.get("q", ""),
            city=values.get("city"),
            near=values.get("near"),
            radius_metres=values.get("radius"),
            open_at=now() if values["open_now"] else None,
            merchant_id=merchant.pk if merchant else None,
        )
        page = find_stores(query, cursor=values.get("cursor", ""), size=values["page_size"])
        results = store_rows(page.rows)
        return Response({**page_addresses(request, page), "results": results})


class StoreDetail(APIView):
    scope = Scope.CATALOG_READ
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["stores"],
        operation_id="stores_retrieve",
        summary="Read a store",
        parameters=[
            OpenApiParameter("near", description="LATITUDE,LONGITUDE: adds the distance."),
        ],
        responses=StoreDetailSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        near: Point | None = read_params(NearParams, request).get("near")
        return Response(StoreDetailSerializer(store_for_page(store_id=pk, near=near)).data)
