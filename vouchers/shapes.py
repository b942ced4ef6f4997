"""What the API says about vouchers and redemptions, and the schema of it.

The answers are plain dicts built by plain functions: the redemption path is the busiest of
the platform. The serializers describe the same shapes to the OpenAPI schema.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from kernel.http.fields import MomentField
from vouchers.explain import explain
from vouchers.handover import word_progress
from vouchers.kinds import unit_of
from vouchers.models import Redemption, Voucher
from vouchers.outcome import VoucherState, state_of
from vouchers.services.redeem import Preview
from vouchers.states import RedemptionState
from vouchers.terms import Terms, terms_of
from vouchers.units import PIECES, USES

UNITS = (USES.code, PIECES.code)


class VoucherIncludedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    value_fen = serializers.IntegerField(allow_null=True)


class VoucherTermsSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    kind = serializers.CharField()
    included = VoucherIncludedSerializer(many=True)
    uses = serializers.IntegerField()
    uses_per_visit = serializers.IntegerField(
        allow_null=True, help_text="The most that one guest can use at one visit; null: no limit."
    )
    uses_per_day = serializers.IntegerField(allow_null=True)
    uses_per_person = serializers.IntegerField(allow_null=True)
    validity_days = serializers.IntegerField()
    refund_rule = serializers.CharField()
    refund_days = serializers.IntegerField(allow_null=True)
    refund_on_expiry = serializers.BooleanField()
    stores = serializers.ListField(
        child=serializers.IntegerField(),
        allow_null=True,
        help_text="Ids of the stores where it can be used; null means all of the merchant.",
    )
    lines = serializers.ListField(
        child=serializers.CharField(),
        help_text="The terms in sentences, in the request's language.",
    )


class VoucherSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField(help_text="Twelve digits to type at the counter.")
    kind = serializers.ChoiceField(choices=Voucher.Kind.choices)
    gift = serializers.BooleanField(help_text="Given, not sold: no order, no price, no refund.")
    order = serializers.CharField(
        allow_blank=True, help_text="The order's number; blank for a gift."
    )
    merchant = serializers.IntegerField()
    product = serializers.IntegerField(
        allow_null=True, help_text="Null for a gift in the giver's own words."
    )
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=Voucher.State.choices)
    standing = serializers.ChoiceField(
        choices=VoucherState.choices,
        help_text="The state as people read it: `returned` once every use was redeemed and taken "
        "back after sales, `expired` from `valid_until` on.",
    )
    waits_for = serializers.ChoiceField(
        choices=Voucher.Wait.choices,
        allow_blank=True,
        help_text="What a held voucher waits for; blank otherwise.",
    )
    unit = serializers.ChoiceField(choices=UNITS, help_text="What its uses are: pieces, for goods.")
    uses_total = serializers.IntegerField()
    uses_used = serializers.IntegerField(help_text="Redeemed and not undone.")
    uses_left = serializers.IntegerField(
        help_text="Uses still owed: 0 once it was used up, refunded or taken back, or has expired."
    )
    collect_at = serializers.IntegerField(
        allow_null=True, help_text="The store that its pieces were set aside at; null: none."
    )
    detail = serializers.CharField(
        allow_blank=True, help_text="How far it is, as a sentence; blank of a single voucher."
    )
    paid_fen = serializers.IntegerField(
        help_text="What the buyer has paid for it, refunds aside: of one that waits for its balance, "
        "its share of the deposit."
    )
    missing_fen = serializers.IntegerField(
        help_text="What the buyer has still to pay before it can be used; 0 of one that waits no more."
    )
    refunded_fen = serializers.IntegerField(
        help_text="What of it was sent back, or is on its way back: unused uses, and uses that "
        "were taken back after sales."
    )
    value_fen = serializers.IntegerField(
        help_text="What its uses are worth together; others may pay a part."
    )
    valid_from = MomentField()
    valid_until = MomentField()
    terms = VoucherTermsSerializer()


class VoucherParams(serializers.Serializer[Any]):
    """What the list of vouchers can be narrowed by."""

    state = serializers.ChoiceField(choices=Voucher.State.choices, required=False, allow_blank=True)
    order = serializers.RegexField(
        r"\A[0-9A-Za-z-]{1,40}\Z",
        required=False,
        allow_blank=True,
        help_text="Only the vouchers of this order.",
        error_messages={"invalid": _("Send the number of an order.")},
    )


class PreviewSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="The named result: ok.")
    voucher = serializers.IntegerField()
    title = serializers.CharField()
    owner = serializers.CharField(help_text="The customer's name, masked.")
    unit = serializers.ChoiceField(choices=UNITS, help_text="What its uses are: pieces, for goods.")
    uses_total = serializers.IntegerField()
    uses_left = serializers.IntegerField()
    uses_now = serializers.IntegerField(
        help_text="How many can be redeemed at once now: fewer where the terms limit one guest."
    )
    collect_at = serializers.IntegerField(
        allow_null=True, help_text="This store, where its pieces were set aside here; or null."
    )
    detail = serializers.CharField(
        allow_blank=True, help_text="How far it is, as a sentence; blank of a single voucher."
    )
    valid_until = MomentField()
    terms = VoucherTermsSerializer()


class RedemptionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    code = serializers.CharField(help_text="The named result: ok, or undone after an undo.")
    state = serializers.ChoiceField(
        choices=RedemptionState.choices, help_text="Where its money stands."
    )
    voucher = serializers.IntegerField()
    title = serializers.CharField()
    store = serializers.IntegerField()
    redeemed_by = serializers.CharField()
    device = serializers.IntegerField(
        allow_null=True, help_text="What it was redeemed on; null where no device was enrolled."
    )
    unit = serializers.ChoiceField(choices=UNITS, help_text="What its uses are: pieces, for goods.")
    uses = serializers.IntegerField()
    returned_uses = serializers.IntegerField(
        help_text="Uses given back with a refund; the others stand."
    )
    uses_left = serializers.IntegerField(help_text="Still owed on the voucher now.")
    detail = serializers.CharField(
        allow_blank=True, help_text="How far the voucher is now; blank of a single one."
    )
    redeemed_at = MomentField(help_text="When it was recorded.")
    occurred_at = MomentField(help_text="When it happened at the counter.")
    nonce = serializers.CharField(allow_null=True, help_text="As it was sent.")
    undo_until = MomentField()
    undone_at = MomentField(allow_null=True)


class PreviewRequestSerializer(serializers.Serializer[Any]):
    store = serializers.IntegerField(min_value=1)
    code = serializers.CharField(max_length=200, help_text="Typed digits, or the scanned QR text.")


class RedemptionRequestSerializer(PreviewRequestSerializer):
    uses = serializers.IntegerField(min_value=1, default=1)
    nonce = serializers.CharField(
        max_length=64,
        required=False,
        help_text="Your own name of this redemption, one per voucher: sent again, it answers "
        "the redemption that it made, and nothing is used twice. Letters, digits and signs.",
    )
    occurred_at = MomentField(
        required=False,
        help_text="When it happened, where the device was without a network: at most 48 hours "
        "ago. The terms are judged at that moment. Default: now.",
    )


def voucher_shape(voucher: Voucher) -> dict[str, Any]:
    """A voucher as the API shows it (terms joined, its outcome read along)."""
    return {
        "id": voucher.pk,
        "code": voucher.code,
        "kind": voucher.kind,
        "gift": voucher.is_gift,
        "order": voucher.order_number,
        "merchant": voucher.merchant_id,
        "product": voucher.product_id,
        "title": voucher.title,
        "state": voucher.state,
        "standing": state_of(voucher).value,
        "waits_for": voucher.waits_for,
        "unit": unit_of(voucher.kind).code,
        "uses_total": voucher.uses_total,
        "uses_used": voucher.uses_used,
        "uses_left": voucher.uses_open,
        "collect_at": terms_of(voucher).collect_at,
        "detail": word_progress(voucher),
        "paid_fen": voucher.received_fen,
        "missing_fen": voucher.missing_fen,
        "refunded_fen": voucher.back_fen,  # type: ignore[attr-defined]
        "value_fen": voucher.value_fen,
        "valid_from": voucher.valid_from,
        "valid_until": voucher.valid_until,
        "terms": _terms_shape(terms_of(voucher), voucher),
    }


def preview_shape(preview: Preview) -> dict[str, Any]:
    """What the clerk's device shows before confirming."""
    voucher = preview.voucher
    return {
        "code": "ok",
        "voucher": voucher.pk,
        "title": voucher.title,
        "owner": preview.owner_name,
        "unit": unit_of(voucher.kind).code,
        "uses_total": voucher.uses_total,
        "uses_left": voucher.uses_open,
        "uses_now": preview.uses_now,
        "collect_at": preview.terms.collect_at,
        "detail": word_progress(voucher, here=preview.store.pk),
        "valid_until": voucher.valid_until,
        "terms": _terms_shape(preview.terms, voucher),
    }


def redemption_shape(redemption: Redemption, state: str) -> dict[str, Any]:
    """A redemption (voucher with terms, and staff joined) at a `RedemptionState`; no query."""
    return {
        "id": redemption.pk,
        "code": "undone" if redemption.undone_at else "ok",
        "state": state,
        "voucher": redemption.voucher_id,
        "title": redemption.voucher.title,
        "store": redemption.store_id,
        "redeemed_by": redemption.staff.display_name,
        "device": redemption.device_id,
        "unit": unit_of(redemption.voucher.kind).code,
        "uses": redemption.uses,
        "returned_uses": redemption.returned_uses,
        "uses_left": redemption.voucher.uses_open,
        "detail": word_progress(redemption.voucher, here=redemption.store_id),
        "redeemed_at": redemption.redeemed_at,
        "occurred_at": redemption.occurred_at,
        "nonce": redemption.nonce,
        "undo_until": redemption.undo_until,
        "undone_at": redemption.undone_at,
    }


def _terms_shape(terms: Terms, voucher: Voucher) -> dict[str, Any]:
    return {
        "title": terms.title,
        "kind": terms.kind,
        "included": [
            {"name": item.name, "quantity": item.quantity, "value_fen": item.value_fen}
            for item in terms.included
        ],
        "uses": terms.uses,
        "uses_per_visit": terms.caps.visit,
        "uses_per_day": terms.caps.day,
        "uses_per_person": terms.caps.person,
        "validity_days": terms.validity_days,
        "refund_rule": terms.refund_rule,
        "refund_days": terms.refund_days,
        "refund_on_expiry": terms.refund_on_expiry,
        "stores": None if terms.store_ids is None else sorted(terms.store_ids),
        "lines": [
            line.text for line in explain(terms, last_day=voucher.last_day, zone=voucher.zone)
        ],
    }
