"""Conditions about where it is collected."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from campaigns.conditions.base import ConditionKind, Said
from campaigns.models import Condition
from catalog.models import StockLevel
from stores.models import City, Store


def _check(merchant_id: int, said: Said) -> str:
    """Only what is counted by store is bound to the store that the guest chose."""
    mine = Store.objects.filter(merchant=merchant_id, pk__in=said.keys).values_list("pk", flat=True)
    counted = StockLevel.objects.filter(store__in=mine, variant__stock__by_store=True)
    if not said.keys or set(counted.values_list("store_id", flat=True)) != set(said.keys):
        return gettext(
            "Choose stores of this business where guests collect goods: only these are bound to a "
            "store when they are ordered."
        )
    return ""


def _names(keys: Sequence[int]) -> dict[int, str]:
    return {row.pk: row.name for row in Store.objects.filter(pk__in=keys)}


def _word(said: Said, names: Sequence[str]) -> str:
    return gettext("For what is collected at: %(names)s.") % {"names": gettext(", ").join(names)}


STORES = ConditionKind(Condition.Kind.STORES, _check, _names, _word)


def _check_cities(merchant_id: int, said: Said) -> str:
    counted = StockLevel.objects.filter(
        store__merchant=merchant_id, store__city__in=said.keys, variant__stock__by_store=True
    )
    if not said.keys or set(counted.values_list("store__city", flat=True)) != set(said.keys):
        return gettext("Choose cities with a store of this business where guests collect goods.")
    return ""


def _city_names(keys: Sequence[int]) -> dict[int, str]:
    return {row.pk: row.name for row in City.objects.filter(pk__in=keys)}


def _word_cities(said: Said, names: Sequence[str]) -> str:
    return gettext("For what is collected in %(names)s.") % {"names": gettext(", ").join(names)}


CITIES = ConditionKind(Condition.Kind.CITIES, _check_cities, _city_names, _word_cities)
