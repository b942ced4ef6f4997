"""The REST API of a store's day, below /api/v1/console/."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from console.day import (
    WORDS_LENGTH,
    Asked,
    DayRow,
    Viewer,
    access_day,
    see_day,
    see_rows,
    see_sold,
)
from kernel.clock import now
from kernel.http.api_paging import read_params
from kernel.http.fields import DayField, MomentField, WholeField
from kernel.http.scopes import Scope
from kernel.numerals import MAX_ID
from orders.sold import Sold
from vouchers.day import Figures, Share, day_span
from vouchers.models import Redemption
from vouchers.shapes import RedemptionSerializer, redemption_shape

SEEN = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the last answer: 304 while the day is as it was. Ask as often as "
    "every few seconds.",
)


class StoreDayParams(serializers.Serializer[Any]):
    store = WholeField(min_value=1, max_value=MAX_ID)
    day = DayField(required=False, help_text="The store's day; default: today there.")


class DayParams(StoreDayParams):
    clerk = WholeField(
        required=False, min_value=1, max_value=MAX_ID, help_text="Redeemed by this person only."
    )
    device = WholeField(
        required=False, min_value=1, max_value=MAX_ID, help_text="On this device only."
    )
    q = serializers.CharField(
        required=False,
        max_length=WORDS_LENGTH,
        help_text="Words that the list is narrowed to: the last four digits of a code, the "
        "product, a guest's initials.",
    )


class FiguresSerializer(serializers.Serializer[Any]):
    redemptions = serializers.IntegerField(help_text="Without undone ones, as all but undone_….")
    uses = serializers.IntegerField()
    pieces = serializers.IntegerField(help_text="Pieces of stock whose last use was redeemed.")
    value_fen = serializers.IntegerField(help_text="Gross value of the uses.")
    returned_uses = serializers.IntegerField(help_text="Given back since.")
    returned_fen = serializers.IntegerField()
    kept_uses = serializers.IntegerField(help_text="uses − returned_uses.")
    kept_fen = serializers.IntegerField(help_text="value_fen − returned_fen.")
    undone = serializers.IntegerField(help_text="Redemptions that were undone.")
    undone_uses = serializers.IntegerField()
    undone_fen = serializers.IntegerField()
    first_at = MomentField(allow_null=True, help_text="The first redemption, undone or not.")
    last_at = MomentField(allow_null=True)


class ShareSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(allow_null=True, help_text="null: no enrolled device.")
    name = serializers.CharField()
    figures = FiguresSerializer()


class DayRowSerializer(RedemptionSerializer):
    code_tail = serializers.CharField(help_text="The last four digits of the voucher's code.")
    guest = serializers.CharField(help_text="The short name: initials.")
    value_fen = serializers.IntegerField(
        allow_null=True, help_text="null for a colleague's, without the right to see sales."
    )


class StoreDaySerializer(serializers.Serializer[Any]):
    store = serializers.IntegerField()
    day = DayField()
    time_zone = serializers.CharField()
    since = MomentField(help_text="When the day begins there.")
    until = MomentField(help_text="When it ends; not in it.")
    own = FiguresSerializer(help_text="What you redeemed: your shift.")
    total = FiguresSerializer(
        allow_null=True,
        help_text="What was asked for by clerk and device. null without the right to see sales.",
    )
    clerks = ShareSerializer(many=True, allow_null=True, help_text="Of the whole day.")
    devices = ShareSerializer(many=True, allow_null=True, help_text="Of the whole day.")
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = DayRowSerializer(many=True, help_text="Empty for who sees figures only.")


class SoldLineSerializer(serializers.Serializer[Any]):
    product = serializers.IntegerField()
    title = serializers.CharField()
    way = serializers.ChoiceField(choices=["use", "collect"], help_text="What guests come for.")
    orders = serializers.IntegerField()
    pieces = serializers.IntegerField(help_text="Still to be used or collected, and not refunded.")
    net_fen = serializers.IntegerField(help_text="What buyers paid for these.")


class SoldSerializer(serializers.Serializer[Any]):
    store = serializers.IntegerField()
    since = MomentField(
        help_text="The store's last redemption before the day, at most seven days ago."
    )
    until = MomentField(
        help_text="When the store opens that day; where its hours do not say, its first "
        "redemption, or the end of the day. Now, where that is to come."
    )
    pieces = serializers.IntegerField()
    to_use = serializers.IntegerField(help_text="Pieces that guests come to use.")
    to_collect = serializers.IntegerField(help_text="Pieces that guests come to collect.")
    net_fen = serializers.IntegerField()
    lines = SoldLineSerializer(many=True, help_text="The 50 with the largest amounts.")
    more = serializers.BooleanField(help_text="Whether there are others; the sums count them.")


_FIGURES = {
    "redemptions": 2,
    "uses": 3,
    "pieces": 1,
    "value_fen": 17600,
    "returned_uses": 0,
    "returned_fen": 0,
    "kept_uses": 3,
    "kept_fen": 17600,
    "undone": 1,
    "undone_uses": 1,
    "undone_fen": 8800,
    "first_at": "2026-05-12T02:05:00Z",
    "last_at": "2026-05-12T10:40:00Z",
}
_ROW = {
    "id": 482,
    "code": "ok",
    "state": "live",
    "voucher": 311,
    "title": "Hotpot for two",
    "detail": "",
    "store": 3,
    "redeemed_by": "Wei Zhang",
    "device": 7,
    "unit": "use",
    "uses": 1,
    "returned_uses": 0,
    "uses_left": 0,
    "redeemed_at": "2026-05-12T10:40:00Z",
    "occurred_at": "2026-05-12T10:40:00Z",
    "nonce": None,
    "undo_until": "2026-05-12T10:55:00Z",
    "undone_at": None,
    "code_tail": "4210",
    "guest": "A*** C***",
    "value_fen": 8800,
}
DAY_EXAMPLE = OpenApiExample(
    "A manager's",
    value={
        "store": 3,
        "day": "2026-05-12",
        "time_zone": "Asia/Shanghai",
        "since": "2026-05-11T16:00:00Z",
        "until": "2026-05-12T16:00:00Z",
        "own": _FIGURES,
        "total": _FIGURES,
        "clerks": [{"id": 12, "name": "Wei Zhang", "figures": _FIGURES}],
        "devices": [{"id": 7, "name": "Till 1", "figures": _FIGURES}],
        "next": None,
        "previous": None,
        "results": [_ROW],
    },
    response_only=True,
)
SOLD_EXAMPLE = OpenApiExample(
    "Overnight",
    value={
        "store": 3,
        "since": "2026-05-11T13:40:00Z",
        "until": "2026-05-12T01:15:00Z",
        "pieces": 5,
        "to_use": 3,
        "to_collect": 2,
        "net_fen": 39400,
        "lines": [
            {
                "product": 21,
                "title": "Hotpot for two",
                "way": "use",
                "orders": 2,
                "pieces": 3,
                "net_fen": 26400,
            },
            {
                "product": 34,
                "title": "Dumplings, frozen",
                "way": "collect",
                "orders": 1,
                "pieces": 2,
                "net_fen": 13000,
            },
        ],
        "more": False,
    },
    response_only=True,
)


class DayView(GenericAPIView[Redemption]):
    """A store's day: figures and list, as far as your role goes."""

    scope = Scope.DAY_READ
    queryset = Redemption.objects.none()
    serializer_class = DayRowSerializer

    @extend_schema(
        operation_id="console_day",
        parameters=[DayParams, SEEN],
        responses=StoreDaySerializer,
        examples=[DAY_EXAMPLE],
    )
    def get(self, request: Request) -> HttpResponse:
        params = read_params(DayParams, request)
        viewer = access_day(user=request.user, store_id=params["store"])
        asked = Asked(
            _day(viewer, params), params.get("clerk"), params.get("device"), params.get("q", "")
        )
        rows = self.paginate_queryset(see_rows(viewer, asked)) or []
        page = self.get_paginated_response([_row_shape(viewer.show(row)) for row in rows])
        body = {**_day_shape(viewer, asked), **page.data}
        # Of the answer itself: it changes also by what happens elsewhere, at another store or in the books.
        etag = f'W/"{hashlib.sha256(JSONRenderer().render(body)).hexdigest()[:24]}"'
        answer = Response(body, headers={"ETag": etag})
        return get_conditional_response(request._request, etag=etag, response=answer) or answer


class SoldView(APIView):
    """What was sold for a store while it slept, and is still to come."""

    scope = Scope.DAY_READ

    @extend_schema(
        operation_id="console_sales",
        parameters=[StoreDayParams],
        responses=SoldSerializer,
        examples=[SOLD_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        params = read_params(StoreDayParams, request)
        viewer = access_day(user=request.user, store_id=params["store"])
        return Response(_sold_shape(viewer, see_sold(viewer, _day(viewer, params))))


def _day(viewer: Viewer, params: dict[str, Any]) -> dt.date:
    day: dt.date = params.get("day") or viewer.store.local_day(now())
    return day


def _day_shape(viewer: Viewer, asked: Asked) -> dict[str, Any]:
    since, until = day_span(viewer.store, asked.day)
    view = see_day(viewer, asked)
    shown = view.total is not None
    return {
        "store": viewer.store.pk,
        "day": asked.day,
        "time_zone": viewer.store.time_zone,
        "since": since,
        "until": until,
        "own": _figures_shape(view.own),
        "total": _figures_shape(view.total) if view.total is not None else None,
        "clerks": [_share_shape(share) for share in view.figures.clerks()] if shown else None,
        "devices": [_share_shape(share) for share in view.figures.devices()] if shown else None,
    }


def _share_shape(share: Share) -> dict[str, Any]:
    return {"id": share.pk, "name": share.name, "figures": _figures_shape(share.figures)}


def _figures_shape(figures: Figures) -> dict[str, Any]:
    return dict(FiguresSerializer(figures).data)


def _row_shape(row: DayRow) -> dict[str, Any]:
    return {
        **redemption_shape(row.redemption, row.redemption.standing),
        "code_tail": row.tail,
        "guest": row.guest,
        "value_fen": row.amount_fen,
    }


def _sold_shape(viewer: Viewer, sold: Sold) -> dict[str, Any]:
    return {
        "store": viewer.store.pk,
        "since": sold.since,
        "until": sold.until,
        "pieces": sold.pieces,
        "to_use": sold.to_use,
        "to_collect": sold.to_collect,
        "net_fen": sold.net_fen,
        "lines": [
            {
                "product": line.product_id,
                "title": line.title,
                "way": "collect" if line.is_collected else "use",
                "orders": line.orders,
                "pieces": line.pieces,
                "net_fen": line.net_fen,
            }
            for line in sold.lines
        ],
        "more": sold.more,
    }
