"""What a refund of a voucher would give, as the API says it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from kernel.http.fields import MomentField
from vouchers.models import Voucher
from vouchers.refund_words import refund_sentence
from vouchers.services.refund import quote_refund


class RefundQuoteSerializer(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    amount_fen = serializers.IntegerField(help_text="What goes back to the buyer.")
    kept_fen = serializers.IntegerField(help_text="What of the buyer's money stays with the store.")
    until = MomentField(
        allow_null=True, help_text="The last moment of the right; null: it has no end of its own."
    )
    detail = serializers.CharField(
        help_text="What goes back, what is kept and why, as a sentence; the page says the same."
    )


REFUND_QUOTE_EXAMPLE = OpenApiExample(
    "A card of five, two of them used",
    value={
        "allowed": True,
        "amount_fen": 12_000,
        "kept_fen": 8_000,
        "until": None,
        "detail": "¥120 goes back to you. ¥80 stays with the store: 2 of 5 uses used.",
    },
    response_only=True,
)


def refund_quote_shape(voucher: Voucher) -> dict[str, Any]:
    """A refund of a voucher (its outcome and components read along) as it stands now."""
    quote = quote_refund(voucher)
    return {
        "allowed": quote.allowed,
        "amount_fen": quote.amount_fen,
        "kept_fen": quote.kept_fen,
        "until": quote.until,
        "detail": refund_sentence(voucher, quote),
    }
