"""Who may reach which merchant and store. Other people's rows answer 404."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import Q, QuerySet

from kernel.db.prepared import Prepared
from kernel.errors import NotFound
from stores.errors import NotTrading
from stores.models import Merchant, StaffMembership, Store

Role = Literal["operator", "merchant", "staff", "customer"]
RUNS_THE_BUSINESS = (StaffMembership.Role.OWNER, StaffMembership.Role.MANAGER)


def merchants_of(user: Any) -> QuerySet[Merchant]:
    """Merchants that ``user`` runs as an active owner or manager, in any state."""
    return Merchant.objects.filter(
        pk__in=StaffMembership.objects.filter(
            user_id=user.pk, active=True, role__in=RUNS_THE_BUSINESS
        ).values("merchant")
    )


def refuse_unless_trading(*, merchant_id: int, by: Any) -> None:
    """Raise NotTrading when ``by`` acts for a merchant that is not approved.

    The operator and None (the platform itself) may always act: refunds, expiry and repairs
    go on for a suspended merchant's guests.
    """
    if by is None or by.is_superuser:
        return
    if not Merchant.objects.filter(pk=merchant_id, state=Merchant.State.APPROVED).exists():
        raise NotTrading


def managers_of(merchant: Merchant) -> QuerySet[StaffMembership]:
    """The active owners and managers of a merchant, who receive messages about its business."""
    return merchant.staff.filter(active=True, role__in=RUNS_THE_BUSINESS).order_by("pk")


def stores_for_staff(user: Any) -> QuerySet[Store]:
    """Active stores of approved merchants where ``user`` may redeem, merchant and city joined.

    A clerk has the stores named in the membership, an owner or manager all of the merchant.
    """
    mine = StaffMembership.objects.filter(user_id=user.pk, active=True)
    return (
        Store.objects.open_for_business()
        .filter(
            Q(merchant__in=mine.filter(role__in=RUNS_THE_BUSINESS).values("merchant"))
            | Q(pk__in=mine.filter(role=StaffMembership.Role.CLERK).values("stores"))
        )
        .filter(merchant__in=mine.values("merchant"))
        .select_related("merchant", "city")
        .order_by("merchant_id", "id")
    )


# The same rule for one store: every scan asks it, and joins plan faster than subqueries.
_store_for = Prepared(
    lambda user_id, store_id: (
        Store.objects.open_for_business()
        .filter(
            Q(merchant__staff__role__in=RUNS_THE_BUSINESS) | Q(merchant__staff__stores=store_id),
            pk=store_id,
            merchant__staff__user=user_id,
            merchant__staff__active=True,
        )
        .defer("search_vector")
        .order_by()
    ),
    int,
    int,
)


def access_store_for_staff(*, user: Any, store_id: int) -> Store:
    """Return the store when ``user`` may redeem there; raises NotFound."""
    store = _store_for.first(user.pk, store_id)
    if store is None:
        raise NotFound
    return store


def role_of(user: Any) -> Role:
    """The widest part that ``user`` plays: operator, merchant (runs one), staff (clerk), customer."""
    if user.is_superuser:
        return "operator"
    roles = _roles_of(user)
    if roles & set(RUNS_THE_BUSINESS):
        return "merchant"
    return "staff" if roles else "customer"


def workplace_of(user: Any) -> Literal["office", "counter", "none"]:
    """Where ``user`` works most: owners and the operator in the back office, others at a counter.

    A manager without a store that is open for business has the back office only.
    """
    if user.is_superuser:
        return "office"
    roles = _roles_of(user)
    if StaffMembership.Role.OWNER in roles:
        return "office"
    if roles and stores_for_staff(user).exists():
        return "counter"
    return "office" if roles & set(RUNS_THE_BUSINESS) else "none"


def _roles_of(user: Any) -> set[str]:
    mine = StaffMembership.objects.filter(user_id=user.pk, active=True)
    return set(mine.values_list("role", flat=True))
