"""The REST API of prices: what an order would cost now, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.access import guessing
from catalog.collecting import one_store
from kernel.http.bodies import read_body
from kernel.http.fields import MomentField, WholeField
from kernel.http.scopes import Scope
from kernel.http.visits import trace_of
from orders.access import count_quote
from orders.errors import TooManyLines
from orders.pricing.quotes import Answer, Discount, Quote, QuoteLine, amounts_of
from orders.pricing.rules import Ask
from orders.pricing.wording import word_answer
from orders.services.quotes import make_quote
from orders.services.rules import SHOP

MOST_COUPONS = 20


class OrderLineInput(serializers.Serializer[Any]):
    offer = WholeField(min_value=1, max_value=2**62)
    quantity = WholeField(min_value=1, max_value=10**6)
    store = WholeField(
        min_value=1,
        max_value=2**62,
        required=False,
        allow_null=True,
        help_text="Where goods that are counted by store are collected.",
    )


class QuoteInput(serializers.Serializer[Any]):
    lines = OrderLineInput(many=True, allow_empty=False, max_length=SHOP.lines)  # type: ignore[call-arg]
    coupons = serializers.ListField(
        child=WholeField(min_value=1, max_value=2**62),
        max_length=MOST_COUPONS,
        required=False,
        help_text="Coupons of the buyer to use: one applies at each merchant. Left out, the best of "
        "each merchant is used; an empty list uses none.",
    )
    coupon_codes = serializers.ListField(
        child=serializers.CharField(max_length=40),
        max_length=MOST_COUPONS,
        required=False,
        help_text="Codes that somebody types. An order turns each into a coupon of the buyer; the answers "
        "say what became of it: applied, or why not.",
    )
    store = WholeField(
        min_value=1,
        max_value=2**62,
        required=False,
        allow_null=True,
        help_text="A store that takes something of this order; goods that are counted by store "
        "are collected there, where a line names no other.",
    )
    method = serializers.CharField(
        max_length=20,
        required=False,
        allow_blank=True,
        help_text="How the order is received: redeem (used at a store) or pickup.",
    )
    tender = serializers.CharField(
        max_length=20,
        required=False,
        allow_blank=True,
        help_text="How it is paid: the code of a gateway.",
    )
    slot = serializers.CharField(
        max_length=40, required=False, allow_blank=True, help_text="When it is received."
    )

    def to_internal_value(self, data: Any) -> Any:
        """Counted before the lines are read one by one: a refusal of its own, and a cheap one."""
        lines = data.get("lines") if isinstance(data, Mapping) else None
        if isinstance(lines, list) and len(lines) > SHOP.lines:
            raise TooManyLines(limit=SHOP.lines)
        return super().to_internal_value(data)


class QuoteLineOutput(serializers.Serializer[Any]):
    line = serializers.CharField(
        help_text="How discounts and changes name this line: the offer asked for, f1, f2 … for fees."
    )
    offer = serializers.IntegerField(
        allow_null=True,
        help_text="Whose price it is: the offer asked for, or one of the same variant that runs "
        "cheaper. Null for a fee.",
    )
    title = serializers.CharField(help_text="Product and variant, or the fee, as the order has it.")
    quantity = serializers.IntegerField()
    list_price_fen = serializers.IntegerField()
    unit_price_fen = serializers.IntegerField(help_text="The lowest item price of this moment.")
    gross_fen = serializers.IntegerField(help_text="unit_price_fen × quantity.")
    discount_fen = serializers.IntegerField()
    payable_fen = serializers.IntegerField(help_text="gross_fen less discount_fen.")


class QuoteDiscountOutput(serializers.Serializer[Any]):
    line = serializers.CharField()
    layer = serializers.CharField()
    source = serializers.CharField(help_text="The rule, as in answers.")  # type: ignore[assignment]
    label = serializers.CharField()  # type: ignore[assignment]
    funder = serializers.CharField(help_text="The party that bears it.")
    amount_fen = serializers.IntegerField()


class QuoteFurtherOutput(serializers.Serializer[Any]):
    missing_fen = serializers.IntegerField(help_text="What has to be added.")
    amount_fen = serializers.IntegerField(
        help_text="What it takes off then, where it is an amount."
    )
    permille = serializers.IntegerField(help_text="Or the share, in ‰.")


class QuoteAnswerOutput(serializers.Serializer[Any]):
    source = serializers.CharField()  # type: ignore[assignment]
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="What the buyer knows it by; empty where it has no name."
    )
    applied = serializers.BooleanField()
    code = serializers.CharField(help_text="applied, or why not.")
    detail = serializers.CharField(help_text="The same as a sentence.")
    missing_fen = serializers.IntegerField(help_text="How far below the minimum the order is.")
    missing_pieces = serializers.IntegerField(help_text="How many pieces there are too few.")
    further = QuoteFurtherOutput(
        allow_null=True, help_text="Of one with tiers: how far the next is, and what it takes off."
    )
    from_at = MomentField(
        allow_null=True, help_text="From when on it applies, where it does not yet."
    )


class QuoteOutput(serializers.Serializer[Any]):
    digest = serializers.CharField(
        help_text="Send it as `quote` with the order, as you got it: an order whose price is no "
        "longer this one is refused with what changed."
    )
    lines = QuoteLineOutput(many=True)
    discounts = QuoteDiscountOutput(many=True)
    total_fen = serializers.IntegerField()
    answers = QuoteAnswerOutput(many=True)


def read_ask(values: dict[str, Any]) -> Ask:
    """How something is bought, out of a checked body."""
    return Ask(
        coupons=tuple(values["coupons"]) if "coupons" in values else None,
        coupon_codes=tuple(values.get("coupon_codes", ())),
        channel="api",
        store=values.get("store"),
        method=values.get("method", ""),
        tender=values.get("tender", ""),
        slot=values.get("slot", ""),
    )


def unknown_codes(answers: Iterable[Answer]) -> list[str]:
    """The codes among the answers that nobody has: guesses."""
    return [answer.label_en for answer in answers if answer.code == "unknown_code"]


def read_lines(values: dict[str, Any]) -> list[tuple[int, int]]:
    """``(offer, quantity)`` pairs out of a checked body."""
    return [(line["offer"], line["quantity"]) for line in values["lines"]]


def read_stores(values: dict[str, Any]) -> dict[int, int]:
    """The store of each offer that names one, out of a checked body; InvalidInput for one that names two."""
    named: dict[int, list[int]] = {}
    for line in values["lines"]:
        if line.get("store"):
            named.setdefault(line["offer"], []).append(line["store"])
    return {offer: one_store(stores, offer=offer) or 0 for offer, stores in named.items()}


def quote_body(quote: Quote) -> dict[str, Any]:
    """The JSON of a quote, in the active language."""
    return {
        "digest": quote.digest,
        "lines": [_line_body(line) for line in quote.lines],
        "discounts": [_discount_body(discount) for discount in quote.discounts],
        "total_fen": quote.total_fen,
        "answers": [answer_body(answer) for answer in quote.answers],
    }


def _line_body(line: QuoteLine) -> dict[str, Any]:
    return {
        "line": line.key,
        "offer": line.item.offer_id if line.item else None,
        "title": line.title,
        **amounts_of(line),
    }


def _discount_body(discount: Discount) -> dict[str, Any]:
    return {
        "line": discount.line,
        "layer": discount.layer,
        "source": discount.source,
        "label": discount.label,
        "funder": discount.funder,
        "amount_fen": discount.amount_fen,
    }


def answer_body(answer: Answer) -> dict[str, Any]:
    """What became of a rule, a coupon or a code, as JSON."""
    return {
        "source": answer.source,
        "label": answer.label,
        "applied": answer.applied,
        "code": answer.code,
        "detail": word_answer(answer),
        "missing_fen": answer.missing_fen,
        "missing_pieces": answer.missing_pieces,
        "further": answer.further and answer.further._asdict(),
        "from_at": answer.from_at and MomentField().to_representation(answer.from_at),
    }


_ASKED = OpenApiExample(
    "Two of an offer, with a code",
    value={"lines": [{"offer": 1042, "quantity": 2}], "coupon_codes": ["SPRING"]},
    request_only=True,
)
_ANSWERED = OpenApiExample(
    "What it costs, and what became of the code",
    value={
        "digest": "1~1042.2.4500.1000",
        "lines": [
            {
                "line": "1042",
                "offer": 1042,
                "title": "Noodle soup · large",
                "quantity": 2,
                "list_price_fen": 6000,
                "unit_price_fen": 4500,
                "gross_fen": 9000,
                "discount_fen": 1000,
                "payable_fen": 8000,
            }
        ],
        "discounts": [
            {
                "line": "1042",
                "layer": "platform_coupon",
                "source": "coupon:17",
                "label": "Spring greeting",
                "funder": "platform",
                "amount_fen": 1000,
            }
        ],
        "total_fen": 8000,
        "answers": [
            {
                "source": "coupon:17",
                "label": "Spring greeting",
                "applied": True,
                "code": "applied",
                "detail": "It takes off ¥10. Add items worth ¥120 for ¥25 off.",
                "missing_fen": 0,
                "missing_pieces": 0,
                "further": {"missing_fen": 12000, "amount_fen": 2500, "permille": 0},
                "from_at": None,
            }
        ],
    },
    response_only=True,
)


class QuoteCollection(APIView):
    """Prices are asked for without signing in, as a basket is filled."""

    permission_classes = (AllowAny,)
    scope = Scope.CATALOG_READ

    @extend_schema(
        operation_id="quotes_create",
        request=QuoteInput,
        responses=QuoteOutput,
        examples=[_ASKED, _ANSWERED],
    )
    def post(self, request: Request) -> Response:
        """Say what an order would cost now, and why; nothing is taken or kept.

        Every rule, coupon and code is answered: applied, or why not and how far away. Signed
        in, the answer is the person's own. Refused as the order itself would be:
        `offer_not_running`, `sold_out`, `quota_gone`, `person_limit_reached`,
        `quantity_out_of_range`, `too_many_lines`, `amount_too_large`; `try_later` when asked
        too often.
        """
        values = read_body(QuoteInput, request.data)
        count_quote(request)
        with guessing(request, values.get("coupon_codes", ())) as unknown:
            quote = make_quote(
                buyer_id=request.user.pk,
                lines=read_lines(values),
                ask=read_ask(values),
                stores=read_stores(values),
                trace=trace_of(request._request, channel="api", person=request.user),
            )
            unknown.extend(unknown_codes(quote.answers))
        return Response(quote_body(quote))
