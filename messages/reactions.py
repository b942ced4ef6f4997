"""What people are told about their account and their business (o2o/reactions.py lists it)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from messages.services.notify import notify, tell_business
from stores.models import Merchant, StaffMembership
from stores.rights import Right, desk_with

State = Merchant.State
_DECISIONS = {
    State.APPROVED: "merchant_approved",
    State.REJECTED: "merchant_rejected",
    State.SUSPENDED: "merchant_suspended",
}


def tell_operators_of_application(*, merchant_id: int, **_: Any) -> None:
    """Handler of "merchant.applied": who may decide gets a message, once per application."""
    merchant = Merchant.objects.filter(pk=merchant_id, state=State.APPLIED).first()
    if merchant is None:
        return
    for user_id in desk_with(Right.DECIDE_MERCHANTS).values_list("pk", flat=True):
        notify(
            user_id=user_id,
            kind="merchant_applied",
            params={**merchant_names(merchant), "contact": merchant.contact_name},
            link=reverse("admin:stores_merchant_change", args=[merchant.pk]),
            # created_at moves when a rejected application comes in again.
            dedupe_key=f"merchant_applied:{merchant.pk}:{merchant.created_at.isoformat()}:{user_id}",
        )


def tell_applicant_of_decision(*, merchant_id: int, **_: Any) -> None:
    """Handler of "merchant.decided": the applicant learns of the latest decision."""
    merchant = Merchant.objects.filter(pk=merchant_id).first()
    if merchant is None or merchant.applicant_id is None or merchant.decided_at is None:
        return
    kind = _DECISIONS.get(State(merchant.state))
    if kind is None:
        return
    link = reverse("admin:index") if kind == "merchant_approved" else reverse("merchant_apply")
    notify(
        user_id=merchant.applicant_id,
        kind=kind,
        params={**merchant_names(merchant), "note": merchant.decision_note},
        link=link,
        dedupe_key=f"{kind}:{merchant.pk}:{merchant.decided_at.isoformat()}",
    )


def tell_business_of_acceptance(*, membership_id: int, **_: Any) -> None:
    """Handler of "invitation.accepted": who else may see the staff, and wants to hear it."""
    rows = StaffMembership.objects.select_related("merchant", "user")
    member = rows.filter(pk=membership_id).first()
    if member is None:
        return
    tell_business(
        kind="invitation_accepted",
        merchant_id=member.merchant_id,
        params={**merchant_names(member.merchant), "person": str(member.user)},
        link=reverse("admin:stores_staffmembership_changelist"),
        dedupe_key=f"invitation_accepted:{member.pk}",
        but=member.user_id,
    )


def merchant_names(merchant: Merchant) -> dict[str, str]:
    """The {merchant} of wordings."""
    return {"merchant_en": merchant.name_en, "merchant_zh": merchant.name_zh}
