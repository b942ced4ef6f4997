"""API: the business, stores and groups that a request names, of what its sender may reach."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from kernel.errors import InvalidInput, NotFound, Refusal
from kernel.http.fields import WholeField
from kernel.numerals import MAX_ID
from stores.access import lacking, lacking_of, merchants_for
from stores.models import Merchant, Store, StoreGroup
from stores.rights import Right

MOST_PLACES = 200


def ids_field(*, help_text: str, **options: Any) -> serializers.ListField:
    """A list of ids of stores or groups."""
    return serializers.ListField(
        child=WholeField(min_value=1, max_value=MAX_ID),
        required=False,
        max_length=MOST_PLACES,
        help_text=help_text,
        **options,
    )


def one_merchant(*, user: Any, right: Right, slug: str) -> Merchant:
    """The business with ``slug`` for which ``user`` holds ``right``, or the only one there is.

    Raises `lacking` where there is none, InvalidInput where it must be said which.
    """
    merchants = merchants_for(user, right)
    found = list((merchants.filter(slug=slug) if slug else merchants)[:2])
    if not found:
        raise _refusal(user, right, slug)
    if len(found) != 1:
        raise InvalidInput(fields={"merchant": [gettext("Say which business this is for.")]})
    return found[0]


def _refusal(user: Any, right: Right, slug: str) -> Refusal:
    """Of the business that was named, or of none."""
    if not slug:
        return lacking(user, right)
    merchant = Merchant.objects.filter(slug=slug).first()
    return lacking_of(user, right, merchant_id=merchant.pk) if merchant else NotFound()


def named_stores(merchant: Merchant, ids: list[int]) -> list[Store]:
    """The stores with these ids; raises InvalidInput when one is not of ``merchant``."""
    found = list(Store.objects.filter(merchant=merchant, pk__in=ids))
    if len(found) != len(set(ids)):
        raise InvalidInput(fields={"stores": [gettext("Choose stores of this business only.")]})
    return found


def named_groups(merchant: Merchant, ids: list[int]) -> list[StoreGroup]:
    """The groups with these ids; raises InvalidInput when one is not of ``merchant``."""
    found = list(StoreGroup.objects.filter(merchant=merchant, pk__in=ids))
    if len(found) != len(set(ids)):
        raise InvalidInput(fields={"groups": [gettext("Choose groups of this business only.")]})
    return found
