"""API: stock by place: what there is, what came and went, counts, transfers. For tills and stock systems."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.access import StockReach, access_stock
from catalog.models import Variant
from catalog.services.levels import (
    AT_THE_COUNTER,
    MOST_LINES,
    TOLD,
    MovementAnswer,
    MovementAsked,
    record_movements,
)
from catalog.services.shelves import transfer_stock
from catalog.set_aside import with_set_aside
from catalog.stock_list import variants_with_stock
from kernel.bounds import MAX_COUNT
from kernel.errors import NotFound
from kernel.http.api_paging import read_params
from kernel.http.bodies import read_body
from kernel.http.fields import MomentField, PlainTextField, WholeField
from kernel.http.once import answer_once
from kernel.http.openapi import IDEMPOTENCY_KEY
from kernel.http.scopes import Scope
from kernel.numerals import MAX_ID
from stores.access import refuse_unless_trading
from stores.rights import Right

SEE = (Right.SEE_STOCK, Right.COUNT_STOCK)
COUNT = (Right.EDIT_STOCK, Right.COUNT_STOCK)
EDIT = (Right.EDIT_STOCK,)


def _merchant_field() -> serializers.SlugField:
    return serializers.SlugField(
        required=False,
        default="",
        max_length=80,
        help_text="Slug; may be left out by who works for one business.",
    )


class StockParams(serializers.Serializer[Any]):
    merchant = _merchant_field()
    product = WholeField(required=False, min_value=1, max_value=MAX_ID)
    store = WholeField(
        required=False, min_value=1, max_value=MAX_ID, help_text="Only what this store counts."
    )
    low = serializers.BooleanField(
        required=False, default=False, help_text="Only what has fallen to low_stock_at."
    )


class LevelOutput(serializers.Serializer[Any]):
    store = serializers.IntegerField()
    on_hand = serializers.IntegerField(help_text="Below zero: a till sold more than there was.")
    set_aside = serializers.IntegerField(
        help_text="Waiting for guests who ordered them; not among on_hand, which is free to sell."
    )
    safety = serializers.IntegerField(help_text="Kept back from the web.")
    sells_online = serializers.BooleanField()
    counted_at = MomentField(allow_null=True)


class StockOutput(serializers.Serializer[Any]):
    variant = serializers.IntegerField()
    product = serializers.IntegerField()
    code = serializers.CharField(help_text="Your own product code.")
    title = serializers.CharField()
    name = serializers.CharField(help_text="Of the variant; empty for the only one.")
    by_store = serializers.BooleanField(help_text="Each store has its own number.")
    available = serializers.IntegerField(
        allow_null=True, help_text="What the web can sell; null: no limit."
    )
    low_stock_at = serializers.IntegerField(allow_null=True)
    levels = LevelOutput(many=True, help_text="Of the stores that you may see.")


class MovementInput(serializers.Serializer[Any]):
    key = serializers.CharField(
        max_length=64, help_text="Your own name for it, unique in your business."
    )
    variant = WholeField(min_value=1, max_value=MAX_ID)
    store = WholeField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=MAX_ID,
        help_text="Null: the number of a variant that is not counted by store.",
    )
    reason = serializers.ChoiceField(choices=[reason for reason in TOLD if reason != "count"])
    delta = WholeField(
        min_value=-MAX_COUNT, max_value=MAX_COUNT, help_text="Above zero came in, below went out."
    )
    occurred_at = MomentField(
        required=False, default=None, allow_null=True, help_text="On your clock; default: now."
    )
    note = PlainTextField(required=False, default="", max_length=200, allow_blank=True)


class MovementsInput(serializers.Serializer[Any]):
    merchant = _merchant_field()
    lines = MovementInput(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]


class CountInput(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=64, help_text="Your own name for it.")
    variant = WholeField(min_value=1, max_value=MAX_ID)
    counted = WholeField(min_value=0, max_value=MAX_COUNT)


class CountsInput(serializers.Serializer[Any]):
    merchant = _merchant_field()
    store = WholeField(required=False, allow_null=True, default=None, min_value=1, max_value=MAX_ID)
    occurred_at = MomentField(
        required=False, default=None, allow_null=True, help_text="When you counted; default: now."
    )
    start = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Count variants by store from now on that were not yet.",
    )
    web_pieces_to = WholeField(
        required=False,
        allow_null=True,
        default=None,
        min_value=1,
        max_value=MAX_ID,
        help_text="With start: the other store that gets what the web had; null: it is nowhere.",
    )
    lines = CountInput(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]


class StockAnswerOutput(serializers.Serializer[Any]):
    key = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["recorded", "known", "refused"])
    code = serializers.CharField(
        help_text="Why it was refused, or clock_ahead where it was recorded as of now; else empty."
    )
    detail = serializers.CharField()
    on_hand = serializers.IntegerField(allow_null=True, help_text="What there is now.")


class StockAnswersOutput(serializers.Serializer[Any]):
    lines = StockAnswerOutput(many=True)


class TransferInput(serializers.Serializer[Any]):
    merchant = _merchant_field()
    variant = WholeField(min_value=1, max_value=MAX_ID)
    from_store = WholeField(min_value=1, max_value=MAX_ID)
    to_store = WholeField(min_value=1, max_value=MAX_ID)
    quantity = WholeField(min_value=1, max_value=MAX_COUNT)
    note = PlainTextField(required=False, default="", max_length=200, allow_blank=True)


class TransferOutput(serializers.Serializer[Any]):
    levels = LevelOutput(many=True, help_text="The store that sent, then the one that got them.")


_MOVED = OpenApiExample(
    "A till tells its day, and a van has come",
    value={
        "lines": [
            {
                "key": "till-1-20931",
                "variant": 88,
                "store": 3,
                "reason": "sold",
                "delta": -2,
                "occurred_at": "2026-05-12T18:00:00+08:00",
            },
            {"key": "van-77-88", "variant": 88, "store": 3, "reason": "received", "delta": 24},
        ]
    },
    request_only=True,
)
_COUNTED = OpenApiExample(
    "A shelf was counted",
    value={"store": 3, "lines": [{"key": "may-88", "variant": 88, "counted": 31}]},
    request_only=True,
)
_ANSWERED = OpenApiExample(
    "One line is new, one was told before",
    value={
        "lines": [
            {"key": "till-1-20931", "outcome": "known", "code": "", "detail": "", "on_hand": 46},
            {"key": "van-77-88", "outcome": "recorded", "code": "", "detail": "", "on_hand": 46},
        ]
    },
    response_only=True,
)
_SENT = OpenApiExample(
    "Six go to another store",
    value={"variant": 88, "from_store": 3, "to_store": 4, "quantity": 6},
    request_only=True,
)


_HERE = {
    "store": 3,
    "on_hand": 25,
    "safety": 2,
    "set_aside": 1,
    "sells_online": True,
    "counted_at": "2026-05-11T13:00:00Z",
}
_STOCK = OpenApiExample(
    "Dumplings, counted by store",
    value={
        "variant": 88,
        "product": 34,
        "code": "DUMP-500",
        "title": "Dumplings, frozen",
        "name": "500 g",
        "by_store": True,
        "available": 23,
        "low_stock_at": 5,
        "levels": [_HERE],
    },
    response_only=True,
)
_LEFT = OpenApiExample(
    "Six were sent",
    value={
        "levels": [
            _HERE | {"on_hand": 19},
            _HERE | {"store": 4, "on_hand": 6, "safety": 0, "counted_at": None},
        ]
    },
    response_only=True,
    status_codes=["201"],
)


class StockList(GenericAPIView[Variant]):
    """What there is of each variant, newest first."""

    scope = Scope.STOCK_READ
    queryset = Variant.objects.none()
    serializer_class = StockOutput

    @extend_schema(
        operation_id="stock_list",
        parameters=[StockParams],
        responses=StockOutput(many=True),
        examples=[_STOCK],
    )
    def get(self, request: Request) -> Response:
        """List stock: one number for the web, or one for each store."""
        values = read_params(StockParams, request)
        merchant, stores = access_stock(user=request.user, rights=SEE, slug=values["merchant"])
        rows = variants_with_stock(
            merchant=merchant,
            stores=stores,
            product_id=values.get("product"),
            store_id=values.get("store"),
            low=values["low"],
        )
        page = self.paginate_queryset(rows) or []
        with_set_aside(level for row in page for level in row.places)  # type: ignore[attr-defined]
        return self.get_paginated_response([stock_body(row) for row in page])


class StockMovements(APIView):
    scope = Scope.STOCK_WRITE

    @extend_schema(
        operation_id="stock_movements_create",
        request=MovementsInput,
        responses=StockAnswersOutput,
        examples=[_MOVED, _ANSWERED],
    )
    def post(self, request: Request) -> Response:
        """Tell what came and went, up to 100 lines; each is answered by itself.

        What counts is `occurred_at`: lines may come late, in any order, and again; a `key` that was told
        before changes nothing. A time up to an hour ahead of ours is recorded as of now, in the
        order of the call, and says `clock_ahead`; one that is further ahead is refused. Refused
        lines say `not_found`, `not_by_store`, `key_reused`, `not_handed_over` (the product does not
        name the store), `too_many_pieces`, `below_zero` (the web's number), `unlimited` or
        `invalid`.
        """
        values = read_body(MovementsInput, request.data)
        plain = all(line["reason"] in AT_THE_COUNTER for line in values["lines"])
        reach = _reach(request, COUNT if plain else EDIT, values["merchant"])
        lines = [
            MovementAsked(
                line["variant"],
                line["store"],
                line["reason"],
                line["key"],
                delta=line["delta"],
                occurred_at=line["occurred_at"],
                note=line["note"],
            )
            for line in values["lines"]
        ]
        return Response(_answers(request, reach, lines))


class StockCounts(APIView):
    scope = Scope.STOCK_WRITE

    @extend_schema(
        operation_id="stock_counts_create",
        request=CountsInput,
        responses=StockAnswersOutput,
        examples=[_COUNTED, _ANSWERED],
    )
    def post(self, request: Request) -> Response:
        """Say how many there are at a store, up to 100 lines; as of `occurred_at`.

        Movements of before, also those that arrive later, are in the count; later ones are added. A time up
        to an hour ahead of ours is recorded as of now (`clock_ahead`). A count settles the
        discrepancy of its place. Pieces that are set aside for guests who paid are not counted.
        """
        values = read_body(CountsInput, request.data)
        reach = _reach(request, EDIT if values["start"] else COUNT, values["merchant"])
        store = values["store"]
        if values["start"] and (reach.stores is not None or store is None):
            raise NotFound
        lines = [
            MovementAsked(
                line["variant"],
                store,
                "count",
                line["key"],
                counted=line["counted"],
                occurred_at=values["occurred_at"],
            )
            for line in values["lines"]
        ]
        return Response(
            _answers(
                *(request, reach, lines),
                start=values["start"],
                web_pieces_to=values["web_pieces_to"],
            )
        )


class StockTransfers(APIView):
    scope = Scope.STOCK_WRITE

    @extend_schema(
        operation_id="stock_transfers_create",
        parameters=[IDEMPOTENCY_KEY],
        request=TransferInput,
        responses={201: TransferOutput},
        examples=[_SENT, _LEFT],
    )
    def post(self, request: Request) -> HttpResponse:
        """Send pieces from one store to another. Refusals: `not_enough_to_send`, `not_by_store`,
        `not_handed_over`.
        """
        values = read_body(TransferInput, request.data)
        merchant, stores = _reach(request, EDIT, values["merchant"])
        if stores is not None and not {values["from_store"], values["to_store"]} <= stores:
            raise NotFound

        def send() -> tuple[int, Any]:
            levels = transfer_stock(
                merchant=merchant,
                variant_id=values["variant"],
                from_store=values["from_store"],
                to_store=values["to_store"],
                quantity=values["quantity"],
                by=request.user,
                via=_key_name(request),
                note=values["note"],
            )
            return 201, {"levels": [_level_body(level) for level in with_set_aside(levels)]}

        return answer_once(request, send)


def stock_body(variant: Any) -> dict[str, Any]:
    """A variant of `variants_with_stock` as JSON, its levels of `with_set_aside`."""
    stock = getattr(variant, "stock", None)
    return {
        "variant": variant.pk,
        "product": variant.product_id,
        "code": variant.product.external_code,
        "title": variant.product.title,
        "name": variant.name,
        "by_store": bool(stock and stock.by_store),
        "available": stock.available if stock else 0,
        "low_stock_at": stock.low_stock_at if stock else None,
        "levels": [_level_body(level) for level in variant.places],
    }


def _level_body(level: Any) -> dict[str, Any]:
    return {
        "store": level.store_id,
        "on_hand": level.on_hand,
        "set_aside": level.set_aside,
        "safety": level.safety,
        "sells_online": level.sells_online,
        "counted_at": level.counted_at,
    }


def _reach(request: Request, rights: tuple[Right, ...], slug: str) -> StockReach:
    reach = access_stock(user=request.user, rights=rights, slug=slug)
    refuse_unless_trading(merchant_id=reach.merchant.pk, by=request.user)
    return reach


def _answers(
    request: Request, reach: StockReach, lines: list[MovementAsked], **begin: Any
) -> dict[str, Any]:
    answers = record_movements(
        merchant=reach.merchant,
        lines=lines,
        stores=reach.stores,
        by=request.user,
        via=_key_name(request),
        **begin,
    )
    return {"lines": [_answer_body(answer) for answer in answers]}


def _answer_body(answer: MovementAnswer) -> dict[str, Any]:
    return answer._asdict()


def _key_name(request: Request) -> str:
    """The name of the API key; a sign-in's token has none."""
    return str(getattr(request.auth, "name", ""))
