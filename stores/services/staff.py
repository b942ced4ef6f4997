"""Who works for a merchant, and who may open the admin site because of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from kernel.errors import InvalidInput, NotFound
from stores.access import merchants_for, refuse_unless_trading
from stores.errors import LastOwner, RoleNotYours, StoreOfAnotherMerchant
from stores.models import Merchant, PlatformRole, StaffMembership, Store, StoreGroup
from stores.rights import LIMITABLE, OFFICE_ROLES, Right, may

Role = StaffMembership.Role


def assignable_roles(*, by: Any, merchant: Merchant) -> frozenset[str]:
    """The roles that ``by`` may give and take with ``merchant``; None (the platform): all.

    Who manages staff gives every role but the owner's, which is a right of its own.
    """
    if by is None:
        return frozenset(Role.values)
    if not may(by, Right.MANAGE_STAFF, merchant_id=merchant.pk):
        return frozenset()
    if may(by, Right.GIVE_OWNER, merchant_id=merchant.pk):
        return frozenset(Role.values)
    return frozenset(Role.values) - {Role.OWNER.value}


@transaction.atomic
def add_staff(
    *,
    merchant: Merchant,
    user: Any,
    role: str,
    stores: Iterable[Store] = (),
    groups: Iterable[StoreGroup] = (),
    limited: bool = False,
    by: Any = None,
) -> StaffMembership:
    """Give ``user`` a role with ``merchant``, or change the one they have; active again if it was not.

    ``stores`` and ``groups`` say where: a clerk needs one at least; a manager or a reader is
    kept to them when ``limited``. ``by`` is who decides; None is the platform itself.
    Locks the merchant, then reads: the editor may have been removed a moment ago. Raises
    RoleNotYours, NotTrading, InvalidInput for places that are missing or not for this role,
    StoreOfAnotherMerchant, and LastOwner when the change would leave the merchant without an
    owner. Keeps ``user.is_staff`` in step.
    """
    places, sets = list(stores), list(groups)
    check_places(merchant=merchant, role=role, stores=places, groups=sets, limited=limited)
    lock_merchant(merchant)
    refuse_unless_trading(merchant_id=merchant.pk, by=by)
    refuse_foreign_role(merchant=merchant, user=user, role=role, by=by)
    if role != Role.OWNER:
        refuse_last_owner(merchant, user)
    membership, _made = StaffMembership.objects.update_or_create(
        merchant=merchant,
        user=user,
        defaults={"role": role, "limited": limited and role != Role.CLERK, "active": True},
    )
    membership.stores.set(places)
    membership.groups.set(sets)
    user.is_staff = sync_admin_access(user_id=user.pk)
    return membership


@transaction.atomic
def change_staff(
    *,
    membership_id: int,
    by: Any,
    role: str | None = None,
    limited: bool | None = None,
    stores: Iterable[Store] | None = None,
    groups: Iterable[StoreGroup] | None = None,
) -> StaffMembership:
    """Change the role of somebody who works for a merchant, or where; None leaves a part as it is.

    Locks the merchant, then reads what is left as it is: who has been removed meanwhile is not
    brought back, and what a colleague has just changed stands. Raises NotFound when nobody works
    there by this membership any more; all other errors as add_staff.
    """
    rows = StaffMembership.objects.select_related("merchant", "user")
    found = rows.filter(pk=membership_id).first()
    if found is None:
        raise NotFound
    lock_merchant(found.merchant)
    found.refresh_from_db(fields=["role", "limited", "active"])
    if not found.active:
        raise NotFound
    return add_staff(
        merchant=found.merchant,
        user=found.user,
        role=found.role if role is None else role,
        limited=found.limited if limited is None else limited,
        stores=found.stores.all() if stores is None else stores,
        groups=found.groups.all() if groups is None else groups,
        by=by,
    )


@transaction.atomic
def remove_staff(*, merchant: Merchant, user: Any, by: Any = None) -> None:
    """End a membership; the row stays for the history. ``by`` as in add_staff.

    Raises NotFound, RoleNotYours, NotTrading, LastOwner.
    """
    lock_merchant(merchant)
    refuse_unless_trading(merchant_id=merchant.pk, by=by)
    refuse_foreign_role(merchant=merchant, user=user, role=Role.CLERK, by=by)
    refuse_last_owner(merchant, user)
    changed = StaffMembership.objects.filter(merchant=merchant, user=user, active=True).update(
        active=False
    )
    if not changed:
        raise NotFound
    user.is_staff = sync_admin_access(user_id=user.pk)


def check_places(
    *,
    merchant: Merchant,
    role: str,
    stores: Iterable[Store],
    groups: Iterable[StoreGroup] = (),
    limited: bool = False,
) -> None:
    """Refuse places of others, a limit without places, and places that would limit nobody.

    Places without a limit would read like one and open the whole business. Raises InvalidInput,
    StoreOfAnotherMerchant.
    """
    places: list[Store | StoreGroup] = [*stores, *groups]
    if any(place.merchant_id != merchant.pk for place in places):
        raise StoreOfAnotherMerchant
    if role == Role.CLERK and not places:
        raise InvalidInput(
            fields={"stores": [gettext("Choose at least one store where the clerk may redeem.")]}
        )
    if limited and role not in LIMITABLE:
        raise InvalidInput(
            fields={"limited": [gettext("Owners and finance work for the whole business.")]}
        )
    if limited and not places:
        raise InvalidInput(
            fields={"stores": [gettext("Choose the stores or groups to limit the person to.")]}
        )
    if places and role not in LIMITABLE:
        text = gettext(
            "Owners and finance work for the whole business: choose no stores or groups."
        )
        raise InvalidInput(fields={"stores": [text]})
    if places and not is_limited(role=role, limited=limited):
        text = gettext(
            "Tick “only at these stores” to keep the person to these stores, or choose none: "
            "without it they would work at all stores."
        )
        raise InvalidInput(fields={"limited": [text]})


def staff_of(user: Any) -> QuerySet[StaffMembership]:
    """Who works for the merchants whose staff ``user`` may see, person and merchant joined."""
    rows = StaffMembership.objects.filter(active=True).select_related("user", "merchant")
    return rows.filter(merchant__in=merchants_for(user, Right.SEE_STAFF))


def is_limited(*, role: str, limited: bool) -> bool:
    """Whether somebody works at the named places only: a clerk always does, whatever is stored."""
    return limited or role == Role.CLERK


def refuse_foreign_role(*, merchant: Merchant, user: Any, role: str, by: Any) -> None:
    """Raise RoleNotYours unless ``by`` may both give ``role`` and take the one ``user`` has now.

    An owner who left counts as one: only an owner brings them back.
    """
    allowed = assignable_roles(by=by, merchant=merchant)
    now_held = StaffMembership.objects.filter(merchant=merchant, user_id=user.pk).first()
    if role not in allowed or (now_held is not None and now_held.role not in allowed):
        raise RoleNotYours


def sync_admin_access(*, user_id: int) -> bool:
    """Set ``is_staff`` to whether the person has a role with anything in the back office; return it."""
    users = get_user_model().objects.filter(pk=user_id)
    may_enter = (
        StaffMembership.objects.filter(user_id=user_id, active=True, role__in=OFFICE_ROLES).exists()
        or PlatformRole.objects.filter(user_id=user_id).exists()
        or users.filter(is_superuser=True).exists()
    )
    users.exclude(is_staff=may_enter).update(is_staff=may_enter)
    return may_enter


def lock_merchant(merchant: Merchant) -> None:
    """Two owners who remove each other at once must not both succeed."""
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)


def refuse_last_owner(merchant: Merchant, user: Any) -> None:
    """Raise LastOwner when ``merchant`` has no owner but ``user`` who can still sign in."""
    owners = StaffMembership.objects.filter(
        merchant=merchant, active=True, role=Role.OWNER, user__is_active=True
    )
    mine = StaffMembership.objects.filter(merchant=merchant, user=user, active=True)
    if mine.filter(role=Role.OWNER).exists() and not owners.exclude(user=user).exists():
        raise LastOwner
