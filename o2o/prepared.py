"""Querysets compiled once.

Building a queryset and compiling it to SQL costs several times what PostgreSQL needs to
answer a look-up by key. On the few busiest paths (token, store, voucher) the rule stays
written as a queryset, in one place, and its SQL text is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError

M = TypeVar("M", bound=Model)


class _Slot(NamedTuple):
    """Where the value of an argument goes."""

    index: int


class _Plan(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    read: Callable[[tuple[Any, ...]], Any]
    locks: bool


class Prepared(Generic[M]):
    """``Prepared(build, str, int)``: ``build`` makes a queryset from a str and an int.

    ``build`` runs once, with stand-ins for the values; it must hand them to lookups as they
    are and must not decide anything by them. Types: int, str, datetime. `first` binds real
    values of those types and returns the row or None, ``select_related`` rows joined.
    """

    def __init__(self, build: Callable[..., QuerySet[M]], *kinds: type) -> None:
        self._build = build
        self._kinds = kinds
        self._plan: _Plan | None = None

    def first(self, *values: Any) -> M | None:
        """One statement; the first row, or None. A locking queryset needs a transaction."""
        plan = self._plan or self._prepare()
        if plan.locks and not connection.in_atomic_block:
            raise TransactionManagementError("select_for_update needs a transaction")
        params = [values[p.index] if isinstance(p, _Slot) else p for p in plan.params]
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, params)
            row = cursor.fetchone()
        return None if row is None else plan.read(row)

    def _prepare(self) -> _Plan:
        stand_ins = [_stand_in(kind, index) for index, kind in enumerate(self._kinds)]
        queryset = self._build(*stand_ins)[:1]
        compiler = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        slots = tuple(_slot_or_value(param, stand_ins) for param in params)
        found = {param.index for param in slots if isinstance(param, _Slot)}
        if found != set(range(len(stand_ins))):
            raise ValueError("a prepared queryset must use each of its values as it is")
        self._plan = _Plan(sql, slots, _reader(compiler), queryset.query.select_for_update)
        return self._plan


def _stand_in(kind: type, index: int) -> Any:
    """A value that no rule would contain by itself; integers fit a smallint."""
    if kind is int:
        return 31_607 + index
    if kind is dt.datetime:
        return dt.datetime(1931, 7, 3, 5, 7, 11, 130_017 + index, tzinfo=dt.UTC)
    return f"\x01stand-in {index}"


def _slot_or_value(param: Any, stand_ins: list[Any]) -> Any:
    for index, stand_in in enumerate(stand_ins):
        if type(param) is type(stand_in) and param == stand_in:
            return _Slot(index)
    return param


def _reader(compiler: Any) -> Callable[[tuple[Any, ...]], Any]:
    """A function from a database row to the model instance, as ModelIterable does it."""
    info, select = compiler.klass_info, compiler.select
    model, fields = info["model"], info["select_fields"]
    start, end = fields[0], fields[-1] + 1
    names = [column[0].target.attname for column in select[start:end]]
    populators = get_related_populators(info, select, connection.alias)
    converters = compiler.get_converters([column[0] for column in select])

    def read(row: tuple[Any, ...]) -> Any:
        values = next(compiler.apply_converters([row], converters)) if converters else row
        instance = model.from_db(connection.alias, names, values[start:end])
        for populator in populators:
            populator.populate(values, instance)
        return instance

    return read
