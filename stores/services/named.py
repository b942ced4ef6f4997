"""Rows with a name in two languages that others are found by: cities, merchants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from stores.models import City, Merchant

Named = TypeVar("Named", City, Merchant)


def change_named(row: Named, fields: dict[str, Any], *, check: Callable[[Named], None]) -> bool:
    """Change the given fields of a row and save them; return whether its name is another now.

    Raises what ``check`` raises. Joins the caller's transaction.
    """
    before = type(row)._default_manager.only("name_en", "name_zh").get(pk=row.pk)
    for name, value in fields.items():
        setattr(row, name, value)
    check(row)
    row.save(update_fields=[*fields])
    return (before.name_en, before.name_zh) != (row.name_en, row.name_zh)
