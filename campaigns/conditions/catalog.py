"""Conditions about what is bought."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from campaigns.conditions.base import ConditionKind, Said
from campaigns.models import Condition
from catalog.models import Category, Product

MOST_NAMED = 50


def _check_products(merchant_id: int, said: Said) -> str:
    known = Product.objects.filter(merchant=merchant_id, pk__in=said.keys).count()
    if not said.keys or known < len(set(said.keys)) or known > MOST_NAMED:
        return gettext("Choose products of this business, %(most)d at most.") % {"most": MOST_NAMED}
    return ""


def _check_categories(merchant_id: int, said: Said) -> str:
    used = Category.objects.filter(products__merchant=merchant_id, pk__in=said.keys)
    if not said.keys or used.distinct().count() < len(set(said.keys)):
        return gettext("Choose categories that this business sells something in.")
    return ""


def _products(keys: Sequence[int]) -> dict[int, str]:
    return {row.pk: row.title for row in Product.objects.filter(pk__in=keys)}


def _categories(keys: Sequence[int]) -> dict[int, str]:
    return {row.pk: row.name for row in Category.objects.filter(pk__in=keys)}


def _word(said: Said, names: Sequence[str]) -> str:
    return gettext("For: %(names)s.") % {"names": gettext(", ").join(names)}


PRODUCTS = ConditionKind(Condition.Kind.PRODUCTS, _check_products, _products, _word)
CATEGORIES = ConditionKind(Condition.Kind.CATEGORIES, _check_categories, _categories, _word)
