"""Make and change the shelves of the shop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.models import Category
from kernel.bounds import field_problems
from kernel.errors import InvalidInput
from kernel.outbox.services import publish
from stores.models import Merchant


@transaction.atomic
def create_category(*, merchants: Iterable[Merchant] = (), **fields: Any) -> Category:
    """Make a category; ``merchants`` may put products on it and, on a trade, below it.

    ``fields``: name_en/zh, slug, parent, position, trade. Raises InvalidInput as `check_shelf`.
    """
    category = Category(**fields)
    check_shelf(category)
    category.save()
    category.merchants.set(merchants)
    return category


@transaction.atomic
def update_category(
    *, category: Category, merchants: Iterable[Merchant] | None = None, **fields: Any
) -> Category:
    """Change the given fields, and who may use the category when ``merchants`` is given.

    A new name or place is followed by a worker: ``category.renamed`` writes the search words of
    its products. Raises InvalidInput as `check_shelf`.
    """
    before = Category.objects.get(pk=category.pk)
    for name, value in fields.items():
        setattr(category, name, value)
    check_shelf(category)
    category.save(update_fields=[*fields])
    if merchants is not None:
        category.merchants.set(merchants)
    named = ("name_en", "name_zh", "parent_id")
    if any(getattr(before, name) != getattr(category, name) for name in named):
        publish("category.renamed", category_id=category.pk)
    return category


def delete_category(*, category: Category) -> None:
    """Take an empty category away; raises ProtectedError while a product or a category is on it."""
    category.delete()


def check_shelf(category: Category) -> None:
    """Raise InvalidInput for a field out of bounds, or a category that would be a third level."""
    problems = field_problems(category)
    parent = category.parent
    if parent is not None and (parent.pk == category.pk or parent.parent_id is not None):
        problems["parent"] = [gettext("Choose a trade: categories stand in trades, two levels.")]
    elif parent is not None and category.pk and category.children.exists():
        problems["parent"] = [gettext("This trade has categories of its own, so it stays a trade.")]
    if problems:
        raise InvalidInput(fields=problems)
