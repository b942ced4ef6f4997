"""Lookups of our own."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, IntegerField
from django.db.models.lookups import Lookup


@IntegerField.register_lookup
@CharField.register_lookup
class AnyOf(Lookup):  # type: ignore[type-arg]
    """``pk__any=[…]``: as ``in``, with one parameter however many there are."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, of_left = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", (*of_left, self.rhs)
