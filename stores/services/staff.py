"""Who works for a merchant, and who may open the admin site because of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from o2o.errors import NotFound
from stores.access import RUNS_THE_BUSINESS
from stores.errors import LastOwner, StoreOfAnotherMerchant
from stores.models import Merchant, StaffMembership, Store


@transaction.atomic
def add_staff(
    *, merchant: Merchant, user: Any, role: str, stores: Iterable[Store] = ()
) -> StaffMembership:
    """Give ``user`` a role with ``merchant``, or change the one they have; active again if it was not.

    ``stores`` says where a clerk may redeem. Raises StoreOfAnotherMerchant, and LastOwner when
    the change would leave the merchant without an owner. Keeps ``user.is_staff`` in step.
    """
    places = list(stores)
    if any(store.merchant_id != merchant.pk for store in places):
        raise StoreOfAnotherMerchant
    _lock_merchant(merchant)
    if role != StaffMembership.Role.OWNER:
        refuse_last_owner(merchant, user)
    membership, _made = StaffMembership.objects.update_or_create(
        merchant=merchant, user=user, defaults={"role": role, "active": True}
    )
    membership.stores.set(places)
    user.is_staff = sync_admin_access(user_id=user.pk)
    return membership


@transaction.atomic
def remove_staff(*, merchant: Merchant, user: Any) -> None:
    """End a membership; the row stays for the history. Raises NotFound and LastOwner."""
    _lock_merchant(merchant)
    refuse_last_owner(merchant, user)
    changed = StaffMembership.objects.filter(merchant=merchant, user=user, active=True).update(
        active=False
    )
    if not changed:
        raise NotFound
    user.is_staff = sync_admin_access(user_id=user.pk)


def sync_admin_access(*, user_id: int) -> bool:
    """Set ``is_staff`` to whether the person runs any business or the platform; return it."""
    users = get_user_model().objects.filter(pk=user_id)
    runs_one = StaffMembership.objects.filter(
        user_id=user_id, active=True, role__in=RUNS_THE_BUSINESS
    ).exists()
    may_enter = runs_one or users.filter(is_superuser=True).exists()
    users.exclude(is_staff=may_enter).update(is_staff=may_enter)
    return may_enter


def _lock_merchant(merchant: Merchant) -> None:
    """Two owners who remove each other at once must not both succeed."""
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)


def refuse_last_owner(merchant: Merchant, user: Any) -> None:
    """Raise LastOwner when ``merchant`` has no active owner but ``user``."""
    owners = StaffMembership.objects.filter(
        merchant=merchant, active=True, role=StaffMembership.Role.OWNER
    )
    if owners.filter(user=user).exists() and not owners.exclude(user=user).exists():
        raise LastOwner
