"""Groups of a merchant's stores, for which roles can be given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from kernel.errors import InvalidInput
from kernel.plaintext import clean_name
from stores.access import refuse_unless_trading, refuse_without
from stores.errors import StoreOfAnotherMerchant
from stores.models import Merchant, Store, StoreGroup
from stores.rights import Right


def check_group(*, merchant: Merchant, name: str, stores: Iterable[Store], by: Any) -> str:
    """Return the name as it is kept when ``by`` may keep such a group; writes nothing.

    Raises NotFound, NotTrading, InvalidInput, StoreOfAnotherMerchant.
    """
    if by is not None:
        refuse_without(user=by, right=Right.EDIT_STORES, merchant_id=merchant.pk)
    refuse_unless_trading(merchant_id=merchant.pk, by=by)
    if any(store.merchant_id != merchant.pk for store in stores):
        raise StoreOfAnotherMerchant
    try:
        return clean_name(name)
    except ValidationError as error:
        raise InvalidInput(fields={"name": error.messages}) from None


@transaction.atomic
def save_group(
    *,
    merchant: Merchant,
    name: str,
    stores: Iterable[Store],
    by: Any,
    group: StoreGroup | None = None,
) -> StoreGroup:
    """Write a group, or change ``group``: whoever works for it works at its stores at once.

    Errors as check_group.
    """
    places = list(stores)
    clean = check_group(merchant=merchant, name=name, stores=places, by=by)
    row = group or StoreGroup(merchant=merchant)
    row.name = clean
    row.save()
    row.stores.set(places)
    return row


@transaction.atomic
def delete_group(*, group: StoreGroup, by: Any) -> None:
    """Delete a group: whoever worked for it alone works at no store of it any more.

    Errors as check_group.
    """
    check_group(merchant=group.merchant, name=group.name, stores=(), by=by)
    group.delete()
