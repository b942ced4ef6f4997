"""Pages of a list by the last row seen, not by a number: page 1,000 costs what page 1 costs.

An order is a row of expressions that all go one way and end in the primary key. A cursor
holds that row of the first or last item shown, so rows that come or go meanwhile neither
repeat an item nor hide one.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kernel.errors import InvalidInput
from kernel.numerals import MAX_ID

Row = TypeVar("Row")


class Order(NamedTuple):
    """Annotated or concrete field names, the primary key last; ``descending`` turns all of them."""

    name: str
    fields: tuple[str, ...]
    descending: bool = False


class Cursor(NamedTuple):
    """Where a page begins: after (or, ``backwards``, before) the row of ``values`` of ``segment``."""

    order: str
    segment: int
    values: tuple[Any, ...]
    backwards: bool = False

    def encode(self) -> str:
        """Return the cursor as it stands in an address."""
        raw = json.dumps([self.order, self.segment, list(self.values), int(self.backwards)])
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, *, order: Order, segments: int) -> Cursor:
        """Read a cursor of ``order``; raises InvalidInput when it is no such thing."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            name, segment, values, backwards = json.loads(raw)
            cursor = cls(name, segment, tuple(values), bool(backwards))
            if name != order.name or type(segment) is not int or not 0 <= segment < segments:
                raise ValueError(name)
            if len(values) != len(order.fields) or not all(map(_is_number, values)):
                raise ValueError(values)
        except (ValueError, TypeError, RecursionError) as error:
            raise InvalidInput(fields={"cursor": [_("This is no cursor of this list.")]}) from error
        return cursor


def _is_number(value: object) -> bool:
    """A number that a column may hold: no truth value, nothing infinite, no larger than a key."""
    if type(value) is int:
        return abs(value) <= MAX_ID
    return type(value) is float and math.isfinite(value)


class Page(NamedTuple, Generic[Row]):
    """Rows in order, and the cursors of the pages around them ("" where there is none)."""

    rows: list[Row]
    next: str
    previous: str


class _After(models.Func):
    """``(a, b) < (x, y)``: one index condition, however many rows share ``a``."""

    output_field = models.BooleanField()

    def __init__(self, fields: Sequence[str], values: Sequence[Any], comparison: str) -> None:
        columns = models.Func(*(models.F(field) for field in fields), function="ROW")
        limits = models.Func(*(models.Value(value) for value in values), function="ROW")
        columns.output_field = limits.output_field = models.Field()
        super().__init__(columns, limits, template="(%(expressions)s)", arg_joiner=comparison)


def keyset_page(
    segments: Sequence[QuerySet[Any]],
    *,
    order: Order,
    cursor: str = "",
    size: int,
    hydrate: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows,
) -> Page[Any]:
    """Return one page of the querysets one after the other, each in ``order``.

    Asks a further segment only when the page is not full. ``hydrate`` adds joins and
    annotations to the rows that are fetched. Raises InvalidInput for a foreign cursor.
    """
    start = Cursor.decode(cursor, order=order, segments=len(segments)) if cursor else None
    backwards = start is not None and start.backwards
    indexes = list(range(len(segments)))
    if backwards:
        indexes.reverse()
    found: list[tuple[int, Any]] = []
    for index in indexes:
        if start and (index > start.segment if backwards else index < start.segment):
            continue
        values = start.values if start and index == start.segment else None
        rows = _slice(segments[index], order, values, backwards=backwards)
        missing = size + 1 - len(found)
        found += [(index, row) for row in hydrate(rows)[:missing]]
        if len(found) > size:
            break
    return cut_page(found, order=order, start=start, size=size)


def cut_page(
    found: Sequence[tuple[int, Any]], *, order: Order, start: Cursor | None, size: int
) -> Page[Any]:
    """Make a page of what was ``found`` from ``start`` on: rows with their segments.

    One row more than ``size`` says that there are more, in the direction of ``start``.
    """
    backwards = start is not None and start.backwards
    more, shown = len(found) > size, list(found[:size])
    if backwards:
        shown.reverse()
    has_next, has_previous = (True, more) if backwards else (more, start is not None)
    return Page(
        rows=[row for _segment, row in shown],
        next=_mark(order, shown[-1], backwards=False) if shown and has_next else "",
        previous=_mark(order, shown[0], backwards=True) if shown and has_previous else "",
    )


def _slice(
    rows: QuerySet[Any], order: Order, values: Sequence[Any] | None, *, backwards: bool
) -> QuerySet[Any]:
    down = order.descending is not backwards
    if values is not None:
        rows = rows.filter(_After(order.fields, values, " < " if down else " > "))
    return rows.order_by(*(f"-{field}" if down else field for field in order.fields))


def _mark(order: Order, found: tuple[int, Any], *, backwards: bool) -> str:
    segment, row = found
    values = tuple(getattr(row, field) for field in order.fields)
    return Cursor(order.name, segment, values, backwards).encode()
