"""Groups of a merchant's stores, for which roles can be given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from kernel.errors import InvalidInput, NotFound
from kernel.plaintext import clean_name
from stores.access import merchants_for, refuse_unless_trading, refuse_without
from stores.errors import StoreOfAnotherMerchant
from stores.models import Merchant, Store, StoreGroup
from stores.rights import Right
from stores.services.staff import lock_merchant


def groups_of(user: Any) -> QuerySet[StoreGroup]:
    """Groups of the businesses whose stores ``user`` may see, the newest first, with their stores."""
    rows = StoreGroup.objects.filter(merchant__in=merchants_for(user, Right.SEE_STORES))
    return rows.select_related("merchant").prefetch_related("stores").order_by("-id")


def check_group(
    *,
    merchant: Merchant,
    name: str,
    stores: Iterable[Store],
    by: Any,
    group: StoreGroup | None = None,
) -> str:
    """Return the name as it is kept when ``by`` may keep such a group; writes nothing.

    ``group`` is the one to be changed. Raises NotFound, NotTrading, InvalidInput (a name that is
    none, or another group's), StoreOfAnotherMerchant.
    """
    if by is not None:
        refuse_without(user=by, right=Right.EDIT_STORES, merchant_id=merchant.pk)
    refuse_unless_trading(merchant_id=merchant.pk, by=by)
    if any(store.merchant_id != merchant.pk for store in stores):
        raise StoreOfAnotherMerchant
    try:
        clean = clean_name(name)
    except ValidationError as error:
        raise InvalidInput(fields={"name": error.messages}) from None
    others = StoreGroup.objects.filter(merchant=merchant, name=clean)
    if group is not None:
        others = others.exclude(pk=group.pk)
    if others.exists():
        text = gettext("Another group of this business has this name. Choose another name.")
        raise InvalidInput(fields={"name": [text]})
    return clean


@transaction.atomic
def save_group(
    *,
    merchant: Merchant,
    by: Any,
    name: str | None = None,
    stores: Iterable[Store] | None = None,
    group: StoreGroup | None = None,
) -> StoreGroup:
    """Write a group, or change ``group``: whoever works for it works at its stores at once.

    None leaves that part as it is. Locks the merchant: two groups of one name at once must not
    both pass; what is left as it is is read then, and a group that was deleted meanwhile is
    NotFound. Other errors as check_group.
    """
    lock_merchant(merchant)
    row = StoreGroup(merchant=merchant)
    if group is not None:
        row = _group_now(group)
    places = (row.stores.all() if group else []) if stores is None else list(stores)
    row.name = check_group(
        merchant=merchant,
        name=row.name if name is None else name,
        stores=places,
        by=by,
        group=group,
    )
    row.save()
    row.stores.set(places)
    return row


def _group_now(group: StoreGroup) -> StoreGroup:
    found = StoreGroup.objects.filter(pk=group.pk).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def delete_group(*, group: StoreGroup, by: Any) -> None:
    """Delete a group: whoever worked for it alone works at no store of it any more.

    Locks the merchant, as who changes it does. Errors as check_group.
    """
    lock_merchant(group.merchant)
    check_group(merchant=group.merchant, name=group.name, stores=(), by=by, group=group)
    group.delete()
