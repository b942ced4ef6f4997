"""Querysets compiled once, here and in PostgreSQL.

Building a queryset and compiling it to SQL costs several times what PostgreSQL needs to
answer a look-up by key, and so does planning its joins. On the few busiest paths (token,
store, voucher, offer) the rule stays written as a queryset, in one place; its SQL text is
kept, and each connection prepares it once (`Prepared`); where it becomes a part of a larger
statement, the text alone is kept (`Compiled`). Behind a pooler that lends a connection per
transaction, set Django's DISABLE_SERVER_SIDE_CURSORS: nothing is prepared then.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError
from psycopg2.extensions import AsIs

M = TypeVar("M", bound=Model)
SQL_TYPES = {
    int: "bigint",
    str: "text",
    float: "double precision",
    dt.datetime: "timestamptz",
}
_numbers = itertools.count(1)
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
"""Names of the statements that each raw connection knows."""


class _Slot(NamedTuple):
    """Where the value of an argument goes."""

    argument: int


def padded(ids: Sequence[int], step: int = 8) -> list[int]:
    """``ids`` with the last one repeated up to a multiple of ``step``: few lengths, few statements."""
    return [*ids, *[ids[-1]] * (-len(ids) % step)] if ids else []


class Compiled:
    """``Compiled(build, str, int)``: ``build`` makes a queryset from a str and an int.

    ``build`` runs once, with stand-ins for the values; it must hand them to lookups as they
    are and must not decide anything by them. Types: int, str, float, datetime.
    """

    def __init__(self, build: Callable[..., QuerySet[Any]], *kinds: type) -> None:
        self._build = build
        self._kinds = kinds
        self._text: tuple[str, tuple[Any, ...]] | None = None

    def sql(self, *values: Any) -> tuple[str, list[Any]]:
        """The statement and its parameters for real values; no query."""
        if self._text is None:
            self._text = self._compile()[0]
        text, params = self._text
        return text, _bound(params, values)

    def _compile(self, most: int | None = None) -> tuple[tuple[str, tuple[Any, ...]], Any]:
        """Return (text, parameters with slots) and the compiler."""
        stand_ins = [_stand_in(kind, index) for index, kind in enumerate(self._kinds)]
        queryset = self._build(*stand_ins)[:most]
        compiler = queryset.query.get_compiler(connection=connection)
        text, params = compiler.as_sql()
        slots = tuple(_slot_or_value(param, stand_ins) for param in params)
        found = {param.argument for param in slots if isinstance(param, _Slot)}
        if found != set(range(len(stand_ins))):
            raise ValueError("a compiled queryset must use each of its values as it is")
        return (text, slots), compiler


class _Plan(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    read: Callable[[tuple[Any, ...]], Any]
    locks: bool


class Prepared(Compiled, Generic[M]):
    """A `Compiled` queryset of model rows that each connection prepares as well.

    Rows come with their ``select_related`` rows joined and their annotations set. ``most`` is how
    many there are at most, None for all.
    """

    def __init__(
        self, build: Callable[..., QuerySet[M]], *kinds: type, most: int | None = 1
    ) -> None:
        super().__init__(build, *kinds)
        self._most = most
        self._plan: _Plan | None = None
        self._name = f"{build.__name__.strip('<>')}_{next(_numbers)}"

    def first(self, *values: Any) -> M | None:
        """One statement; the first row, or None. A locking queryset needs a transaction."""
        rows = self.all(*values)
        return rows[0] if rows else None

    def all(self, *values: Any) -> list[M]:
        """One statement; its rows in order."""
        plan = self._plan or self._prepare()
        if plan.locks and not connection.in_atomic_block:
            raise TransactionManagementError("select_for_update needs a transaction")
        with connection.cursor() as cursor:
            if _in_full():
                cursor.execute(plan.sql, _bound(plan.params, values))
            else:
                self._teach(plan)
                places = ", ".join(["%s"] * len(values))
                cursor.execute(f'EXECUTE "{self._name}" ({places})', values)
            return [plan.read(row) for row in cursor.fetchall()]

    def _teach(self, plan: _Plan) -> None:
        """Prepare the statement unless this connection knows it; a rollback forgets nothing."""
        raw = connection.connection
        known = _prepared.setdefault(raw, set())
        if self._name in known:
            return
        with raw.cursor() as cursor:
            params = [
                AsIs(f"${p.argument + 1}") if isinstance(p, _Slot) else p for p in plan.params
            ]
            types = ", ".join(SQL_TYPES[kind] for kind in self._kinds)
            cursor.execute(f'PREPARE "{self._name}" ({types}) AS {plan.sql}', params)
        known.add(self._name)

    def _prepare(self) -> _Plan:
        (text, slots), compiler = self._compile(self._most)
        self._plan = _Plan(text, slots, _reader(compiler), compiler.query.select_for_update)
        return self._plan


def _bound(params: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    return [values[param.argument] if isinstance(param, _Slot) else param for param in params]


def _in_full() -> bool:
    """Whether statements go out as text: behind a pooler, and when somebody listens to them."""
    pooled = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
    return bool(pooled or connection.execute_wrappers)


def _stand_in(kind: type, index: int) -> Any:
    """A value that no rule would contain by itself; integers fit a smallint."""
    if kind is int:
        return 31_607 + index
    if kind is float:
        return 31.607 + index
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
    populators = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]
    converters = compiler.get_converters([column[0] for column in select])
    annotations = tuple(compiler.annotation_col_map.items())

    def read(row: tuple[Any, ...]) -> Any:
        values = next(compiler.apply_converters([row], converters)) if converters else row
        instance = model.from_db(connection.alias, names, values[start:end])
        for name, column in annotations:
            setattr(instance, name, values[column])
        for populator in populators:
            populator.populate(values, instance)
        return instance

    return read


def insert_rows(rows: Sequence[M]) -> None:
    """Insert rows of one model in one statement and set their keys, as bulk_create does.

    Without what the busiest paths do not need: batches, conflicts, expressions, inherited
    tables, database defaults. Values go through their fields, so the database gets the same.
    """
    model = type(rows[0])
    sql, fields = _insert_plan(model)
    values = [
        field.get_db_prep_save(getattr(row, field.attname), connection)
        for row in rows
        for field in fields
    ]
    places = "(" + ", ".join(["%s"] * len(fields)) + ")"
    with connection.cursor() as cursor:
        cursor.execute(sql.format(", ".join([places] * len(rows))), values)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk, row._state.adding, row._state.db = key, False, connection.alias


@cache
def _insert_plan(model: type[Model]) -> tuple[str, list[Any]]:
    quote = connection.ops.quote_name
    meta = model._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    columns = ", ".join(quote(field.attname) for field in fields)
    sql = f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES {{}}"  # noqa: S608 - names of our own
    return f"{sql} RETURNING {quote(meta.pk.attname)}", fields
