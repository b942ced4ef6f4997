"""API: the business, stores and groups that a request names, of what its sender may reach."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from rest_framework import serializers

from kernel.errors import InvalidInput, NotFound
from kernel.http.fields import WholeField
from kernel.numerals import MAX_ID
from stores.models import Merchant, Store, StoreGroup

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


def one_merchant(merchants: QuerySet[Merchant], slug: str) -> Merchant:
    """The business with ``slug``, or the only one.

    Raises NotFound for a slug of none of ``merchants``, InvalidInput where it must be said which.
    """
    found = list((merchants.filter(slug=slug) if slug else merchants)[:2])
    if slug and not found:
        raise NotFound
    if len(found) != 1:
        raise InvalidInput(fields={"merchant": [gettext("Say which business this is for.")]})
    return found[0]


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
