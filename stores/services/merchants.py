"""A merchant's application and the platform's decisions about it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from kernel.bounds import check_note, field_problems
from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.outbox.services import publish
from stores.commission_rates import read_rate
from stores.errors import ApplicationWaiting, WrongMerchantState
from stores.models import Merchant, StaffMembership
from stores.phones import NOT_CALLABLE, callable_number
from stores.services.named import change_named
from stores.services.slugs import free_slug, make_slug
from stores.services.staff import add_staff, sync_admin_access
from stores.trades import offered_trades, open_trades, opened_trades

State = Merchant.State


@transaction.atomic
def apply_merchant(
    *,
    applicant: Any,
    name_en: str = "",
    name_zh: str = "",
    story_en: str = "",
    story_zh: str = "",
    contact_name: str = "",
    contact_phone: str = "",
    contact_email: str = "",
    trades: Iterable[str] = (),
) -> Merchant:
    """Write an application, or send a rejected one in again; publishes ``merchant.applied``.

    ``trades`` are slugs of top categories, open to the merchant once it is approved.
    Raises InvalidInput for a field out of bounds, a trade that is none or without any name,
    ApplicationWaiting while the applicant's last one is undecided. A new merchant gets its slug
    here and keeps it.
    """
    facts: dict[str, Any] = {
        "name_en": name_en.strip(),
        "name_zh": name_zh.strip(),
        "story_en": story_en,
        "story_zh": story_zh,
        "contact_name": contact_name,
        "contact_phone": contact_phone,
        "contact_email": contact_email,
    }
    facts["trades"] = known_trades(trades)
    check_merchant(Merchant(applicant=applicant, slug="new", **facts))
    if contact_phone.strip() and not callable_number(contact_phone):
        raise InvalidInput(fields={"contact_phone": [str(NOT_CALLABLE)]})
    mine = Merchant.objects.select_for_update(no_key=True).filter(applicant=applicant)
    last = mine.order_by("-id").first()
    if last is not None and last.state == State.APPLIED:
        raise ApplicationWaiting(merchant=last.pk)
    if last is not None and last.state == State.REJECTED:
        Merchant.objects.filter(pk=last.pk).update(
            **facts, state=State.APPLIED, decided_at=None, decided_by=None, created_at=now()
        )
        last.refresh_from_db()
        merchant = last
    else:
        slug = free_slug(make_slug(facts["name_en"], facts["name_zh"], "shop"), model=Merchant)
        merchant = Merchant.objects.create(applicant=applicant, slug=slug, **facts)
    publish("merchant.applied", merchant_id=merchant.pk)
    return merchant


@transaction.atomic
def update_merchant(*, merchant: Merchant, **fields: Any) -> Merchant:
    """Change the given fields; the words that stores and products are found by follow a new name.

    Publishes ``merchant.renamed`` then. Raises InvalidInput as `check_merchant`.
    """
    if change_named(merchant, fields, check=check_merchant):
        publish("merchant.renamed", merchant_id=merchant.pk)
    return merchant


def check_merchant(merchant: Merchant) -> None:
    """Raise InvalidInput when a text is out of bounds, the rate is, or both names are missing."""
    problems = field_problems(merchant, exclude=["mark"])
    if not merchant.name_en and not merchant.name_zh:
        problems.setdefault("name_en", [gettext("Enter the name in at least one language.")])
    if problems:
        raise InvalidInput(fields=problems)


def known_trades(slugs: Iterable[str]) -> list[str]:
    """The slugs, each once, in the shop's order; raises InvalidInput for one that is no trade."""
    wanted = set(slugs)
    offered = [trade.slug for trade in offered_trades()]
    if not wanted <= set(offered):
        raise InvalidInput(fields={"trades": [gettext("Choose from the trades of the list.")]})
    return [slug for slug in offered if slug in wanted]


@transaction.atomic
def approve_merchant(
    *, merchant_id: int, decided_by: Any, commission_rate: Decimal | None = None, note: str = ""
) -> Merchant:
    """Approve an application: the applicant becomes owner, its trades are open to it.

    ``commission_rate`` (0 to 0.5) replaces the platform's usual rate. Compare-and-set on the
    state; raises WrongMerchantState when it is no longer waiting, InvalidInput for a rate out
    of range, and where there are trades and none is open to it: it could add no product.
    Publishes ``merchant.decided``.
    """
    extra: dict[str, Any] = {}
    if commission_rate is not None:
        extra["commission_rate"] = read_rate(str(commission_rate))
    merchant = _decide(
        merchant_id=merchant_id,
        old=State.APPLIED,
        new=State.APPROVED,
        decided_by=decided_by,
        note=note,
        **extra,
    )
    open_trades(merchant, merchant.trades)
    if not opened_trades(merchant) and offered_trades():
        text = gettext(
            "Tick at least one trade before you approve: without one it can add no product."
        )
        raise InvalidInput(fields={"trades": [text]})
    if merchant.applicant is not None:
        add_staff(merchant=merchant, user=merchant.applicant, role=StaffMembership.Role.OWNER)
    return merchant


@transaction.atomic
def reject_merchant(*, merchant_id: int, decided_by: Any, note: str = "") -> Merchant:
    """Turn an application down; the applicant may mend it and apply again. Errors as approve."""
    return _decide(
        merchant_id=merchant_id,
        old=State.APPLIED,
        new=State.REJECTED,
        decided_by=decided_by,
        note=note,
    )


@transaction.atomic
def suspend_merchant(*, merchant_id: int, decided_by: Any, note: str = "") -> Merchant:
    """Take an approved merchant off the shop: nothing is shown, sold or redeemed until reinstated."""
    return _decide(
        merchant_id=merchant_id,
        old=State.APPROVED,
        new=State.SUSPENDED,
        decided_by=decided_by,
        note=note,
    )


@transaction.atomic
def reinstate_merchant(*, merchant_id: int, decided_by: Any, note: str = "") -> Merchant:
    """Bring a suspended merchant back."""
    merchant = _decide(
        merchant_id=merchant_id,
        old=State.SUSPENDED,
        new=State.APPROVED,
        decided_by=decided_by,
        note=note,
    )
    for user_id in merchant.staff.values_list("user_id", flat=True):
        sync_admin_access(user_id=user_id)
    return merchant


def _decide(
    *, merchant_id: int, old: str, new: str, decided_by: Any, note: str, **extra: Any
) -> Merchant:
    note = check_note(note, field="decision_note")
    changed = Merchant.objects.filter(pk=merchant_id, state=old).update(
        state=new, decided_at=now(), decided_by=decided_by, decision_note=note, **extra
    )
    if not changed:
        raise WrongMerchantState(merchant=merchant_id)
    publish("merchant.decided", merchant_id=merchant_id)
    return Merchant.objects.select_related("applicant").get(pk=merchant_id)
