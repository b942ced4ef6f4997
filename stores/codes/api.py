"""API: codes, made, changed and closed by who may."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.errors import NotFound
from kernel.http.api_paging import read_params
from kernel.http.bodies import read_body
from kernel.http.context import site
from kernel.http.fields import MomentField, WholeField
from kernel.http.negotiation import AlwaysJson
from kernel.http.scopes import Scope
from kernel.numerals import MAX_ID
from stores.access import access_row, lacking, merchants_for, refuse_strangers
from stores.codes.models import Code
from stores.codes.paper.sheet import Form, sheet_response
from stores.codes.services import (
    CodeAsked,
    address_of_code,
    change_code,
    close_code,
    codes_of,
    make_code,
)
from stores.models import Merchant, Store
from stores.rights import Right, platform_rights, stores_where


class CodeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    code = serializers.CharField(read_only=True)
    url = serializers.SerializerMethodField(help_text="What a QR code says; any camera opens it.")
    merchant = serializers.IntegerField(source="merchant_id", read_only=True, allow_null=True)
    kind = serializers.ChoiceField(choices=Code.Kind.choices, read_only=True)
    name = serializers.CharField(read_only=True)
    store = serializers.IntegerField(source="store_id", read_only=True, allow_null=True)
    target = serializers.CharField(
        read_only=True, help_text="Empty: the store's or business's page."
    )
    product = serializers.IntegerField(source="product_id", read_only=True, allow_null=True)
    channel = serializers.ChoiceField(choices=Code.Channel.choices, read_only=True)
    campaign = serializers.CharField(read_only=True)
    created_at = MomentField(read_only=True)
    closed_at = MomentField(read_only=True, allow_null=True)

    def get_url(self, code: Code) -> str:
        return address_of_code(code)


class CodeChangeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    target = serializers.CharField(
        max_length=200,
        required=False,
        default="",
        allow_blank=True,
        help_text="The address of one of your own pages, such as /products/7/.",
    )
    campaign = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    channel = serializers.ChoiceField(
        choices=Code.Channel.choices,
        required=False,
        help_text="By which way guests meet it. Left out: the usual one, or the one that it has.",
    )


class NewCodeSerializer(CodeChangeSerializer):
    merchant = WholeField(
        min_value=1,
        max_value=MAX_ID,
        required=False,
        help_text="Left out by the platform's people alone.",
    )
    kind = serializers.ChoiceField(choices=Code.Kind.choices)
    store = WholeField(min_value=1, max_value=MAX_ID, required=False)
    person = serializers.CharField(
        max_length=120,
        required=False,
        default="",
        allow_blank=True,
        help_text="E-mail or phone, for codes of staff and of persons.",
    )


POSTER = OpenApiExample(
    "A poster in a window",
    value={
        "merchant": 3,
        "kind": "poster",
        "name": "Window, left",
        "store": 12,
        "target": "/products/7/",
        "campaign": "spring-2026",
    },
    request_only=True,
)


_POSTER = {
    "id": 58,
    "code": "K7Q2M9X",
    "url": "https://shop.example/q/K7Q2M9X",
    "merchant": 3,
    "kind": "poster",
    "name": "Window, left",
    "store": 12,
    "target": "/products/7/",
    "product": 7,
    "channel": "store",
    "campaign": "spring-2026",
    "created_at": "2026-05-12T02:05:00Z",
    "closed_at": None,
}
OPEN = OpenApiExample("A poster", value=_POSTER, response_only=True)
MADE = OpenApiExample("A poster", value=_POSTER, response_only=True, status_codes=["201"])
RENAME = OpenApiExample(
    "Another name and page",
    value={"name": "Window, right", "target": "/products/9/", "campaign": "summer-2026"},
    request_only=True,
)
RENAMED = OpenApiExample(
    "Renamed",
    value=_POSTER
    | {
        "name": "Window, right",
        "target": "/products/9/",
        "product": 9,
        "campaign": "summer-2026",
    },
    response_only=True,
)
CLOSED = OpenApiExample(
    "Closed", value=_POSTER | {"closed_at": "2026-06-01T08:00:00Z"}, response_only=True
)


class CodesView(GenericAPIView[Code]):
    scope = {"GET": Scope.CODES_READ, "POST": Scope.CODES_WRITE}
    queryset = Code.objects.none()
    serializer_class = CodeSerializer

    @extend_schema(
        tags=["codes"],
        operation_id="codes_list",
        summary="List codes",
        description="Of the businesses and stores you run, the newest first.",
        responses=CodeSerializer(many=True),
        examples=[OPEN],
    )
    def get(self, request: Request) -> Response:
        _refuse_without_codes(request.user)
        page = self.paginate_queryset(codes_of(request.user)) or []
        return self.get_paginated_response(CodeSerializer(page, many=True).data)

    @extend_schema(
        tags=["codes"],
        operation_id="codes_create",
        summary="Make a code",
        description="Kind, business, store and person stay; name, target and campaign may change. "
        "Refusals: `not_trading`, `try_later` (after many people whom nobody knows).",
        request=NewCodeSerializer,
        responses={201: CodeSerializer},
        examples=[POSTER, MADE],
    )
    def post(self, request: Request) -> Response:
        refuse_strangers(request.user)
        values = read_body(NewCodeSerializer, request.data)
        merchant: Merchant | None = _row(Merchant.objects.all(), values.get("merchant"))
        # Of this business alone: whether another's store exists is not for others to find out.
        store = _row(Store.objects.filter(merchant=merchant), values.get("store"))
        asked = CodeAsked(
            kind=values["kind"],
            name=values["name"],
            store=store,
            person=values["person"],
            target=values["target"],
            campaign=values["campaign"],
            channel=values.get("channel", ""),
        )
        made = make_code(merchant=merchant, asked=asked, by=request.user)
        return Response(CodeSerializer(made).data, status=status.HTTP_201_CREATED)


class CodeView(APIView):
    scope = {"GET": Scope.CODES_READ, "PUT": Scope.CODES_WRITE}

    @extend_schema(
        tags=["codes"],
        operation_id="codes_retrieve",
        summary="One code",
        responses=CodeSerializer,
        examples=[OPEN],
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(CodeSerializer(find_own_code(request, pk)).data)

    @extend_schema(
        tags=["codes"],
        operation_id="codes_change",
        summary="Rename a code, or let it lead elsewhere",
        description="Refused as `code_closed` for one that is closed.",
        request=CodeChangeSerializer,
        responses=CodeSerializer,
        examples=[RENAME, RENAMED],
    )
    def put(self, request: Request, pk: int) -> Response:
        code = find_own_code(request, pk)
        values = read_body(CodeChangeSerializer, request.data)
        return Response(CodeSerializer(change_code(code=code, by=request.user, **values)).data)


class SheetParams(serializers.Serializer[Any]):
    form = serializers.ChoiceField(choices=Form.choices, default=Form.POSTER)


class CodeSheetView(APIView):
    scope = Scope.CODES_READ
    content_negotiation_class = AlwaysJson

    @extend_schema(
        tags=["codes"],
        operation_id="codes_sheet",
        summary="Print a code",
        description=(
            "One A4 page as a PDF, in the language of Accept-Language: a poster, a table tent to fold, "
            "24 stickers of 70 × 37 mm, or 10 shelf tags to cut. Refused as `code_closed` for a code "
            "that is closed. When too many sheets are being drawn the answer is 503 `paper_busy` with "
            "Retry-After."
        ),
        parameters=[SheetParams],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        values = read_params(SheetParams, request)
        return sheet_response(
            find_own_code(request, pk),
            form=Form(values["form"]),
            format="pdf",
            site=site(request)["site"]["name"],
        )


class CodeCloseView(APIView):
    scope = Scope.CODES_WRITE

    @extend_schema(
        tags=["codes"],
        operation_id="codes_close",
        summary="Close a code",
        description="Who scans it from now on is told that it is over. Safe to repeat.",
        request=None,
        responses=CodeSerializer,
        examples=[CLOSED],
    )
    def post(self, request: Request, pk: int) -> Response:
        code = close_code(code=find_own_code(request, pk), by=request.user)
        return Response(CodeSerializer(code).data)


def find_own_code(request: Request, pk: int) -> Code:
    """The code when the caller may see it; raises `stores.access.lacking_row`."""
    return access_row(codes_of(request.user), user=request.user, right=Right.SEE_CODES, pk=pk)


def _row(rows: Any, pk: int | None) -> Any:
    if pk is None:
        return None
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


def _refuse_without_codes(user: Any) -> None:
    """Raise for who sees no codes anywhere: colleagues read which right is missing (`lacking`)."""
    right = Right.SEE_CODES
    if right in platform_rights(user):
        return
    if merchants_for(user, right).exists() or stores_where(user, right).exists():
        return
    raise lacking(user, right)
