"""Write a large table anew from one SELECT, for migrations that change every row.

An UPDATE of millions of rows leaves as many dead ones behind, writes every index once more and
wakes every trigger: minutes of a maintenance page. Here the rows go into a new table, by several
processes of the server at once where it has them, and the new table takes the old one's place:
its name, numbers, constraints, foreign keys (its own and those of other tables), indexes,
triggers and grants are made again from what the catalogue of the database says of the old ones.
Views and storage parameters of the table are not: a table with a view is refused, unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

ROOM = (
    "SET LOCAL work_mem = '256MB'",
    "SET LOCAL maintenance_work_mem = '512MB'",
    # Deferred checks of what was written before would keep the table from being altered.
    "SET CONSTRAINTS ALL IMMEDIATE",
)

_COLUMNS = """
SELECT a.attname, quote_ident(a.attname), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
    a.attidentity
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
# Foreign keys come last: they ask for the unique constraints of both sides.
_CONSTRAINTS = """
SELECT conrelid::regclass::text, contype, conrelid = %(table)s::regclass,
    format('ADD CONSTRAINT %%I %%s', conname, pg_get_constraintdef(oid)),
    format('DROP CONSTRAINT %%I', conname)
FROM pg_constraint WHERE %(table)s::regclass IN (conrelid, confrelid)
    AND contype IN ('n', 'c', 'p', 'u', 'x', 'f')
ORDER BY contype = 'f', conrelid <> %(table)s::regclass, contype <> 'n', conname
"""
_INDEXES = """
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
ORDER BY indexrelid
"""
_TRIGGERS = """
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %(table)s::regclass AND NOT tgisinternal
UNION ALL
SELECT format('COMMENT ON TRIGGER %%I ON %%s IS %%L', tgname, tgrelid::regclass,
    obj_description(oid, 'pg_trigger')) FROM pg_trigger
WHERE tgrelid = %(table)s::regclass AND obj_description(oid, 'pg_trigger') IS NOT NULL
"""
_GRANTS = """
SELECT format('GRANT %%s ON %%s TO %%s', g.privilege_type, c.oid::regclass,
    CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END)
FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g
WHERE c.oid = %s::regclass AND g.grantee <> c.relowner
"""


@contextmanager
def rewritten(
    cursor: Any,
    table: str,
    *,
    alias: str = "old",
    values: Mapping[str, str] | None = None,
    joins: str = "",
    changes: Sequence[str] = (),
) -> Iterator[None]:
    """Fill ``table`` anew: columns in ``values`` by these expressions, all others as they are.

    ``joins`` follows "FROM table alias" and must keep each row once: another number of rows
    raises RuntimeError, and the transaction that must be around all this takes it back. Inside
    the ``with`` the new table has its name and gives numbers, and neither constraints nor
    indexes nor triggers yet: the place for INSERTs of many rows. ``changes`` of an ALTER TABLE
    ("ADD CONSTRAINT …") are made together with the constraints: all of them by one look at the rows.
    """
    for statement in ROOM:
        cursor.execute(statement)
    cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    columns = _all(cursor, _COLUMNS, [table])
    constraints = _all(cursor, _CONSTRAINTS, {"table": table})
    after = [row[0] for row in _all(cursor, _INDEXES, [table])]
    after += [row[0] for row in _all(cursor, _TRIGGERS, {"table": table})]
    after += [row[0] for row in _all(cursor, _GRANTS, [table])]
    number = _number(cursor, table, columns)
    for other, _kind, own, _add, drop in constraints:
        if not own:
            _alter(cursor, other, [drop])
    _copy(cursor, table, f"{table} {alias} {joins}", _taken(columns, alias, values or {}))
    _alter(cursor, table, _defaults(columns))
    if number:
        number.lend(cursor, table)
    yield
    own = [add for _of, kind, _own, add, _drop in constraints if kind in "ncpux"]
    _alter(cursor, table, [*_never_empty(columns, constraints), *own, *changes])
    if number:
        number.restore(cursor, table)
    for other, kind, _own, add, _drop in constraints:
        if kind == "f":
            _alter(cursor, other, [add])
    for statement in after:
        cursor.execute(statement)
    cursor.execute(f"ANALYZE {table}")


def _all(cursor: Any, query: str, values: Any) -> list[Any]:
    cursor.execute(query, values)
    rows: list[Any] = cursor.fetchall()
    return rows


class _Number(NamedTuple):
    """The identity column and where its sequence stands."""

    column: str
    sequence: str
    last: int
    is_called: bool

    def lend(self, cursor: Any, table: str) -> None:
        """Numbers for new rows before the column is an identity, which asks for constraints."""
        first = self.last + self.is_called
        cursor.execute(f"CREATE SEQUENCE {table}_lent START {first} OWNED BY {table}.{self.column}")
        _alter(cursor, table, [f"ALTER {self.column} SET DEFAULT nextval('{table}_lent')"])

    def restore(self, cursor: Any, table: str) -> None:
        """The identity again, under its old name, behind the numbers that were lent."""
        ((last, is_called),) = _all(cursor, f"SELECT last_value, is_called FROM {table}_lent", None)  # noqa: S608
        _alter(cursor, table, [f"ALTER {self.column} DROP DEFAULT"])
        cursor.execute(f"DROP SEQUENCE {table}_lent")
        identity = f"GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME {self.sequence})"
        _alter(cursor, table, [f"ALTER {self.column} ADD {identity}"])
        cursor.execute("SELECT setval(%s, %s, %s)", [self.sequence, last, is_called])


def _number(cursor: Any, table: str, columns: list[Any]) -> _Number | None:
    for name, quoted, _filled, _default, identity in columns:
        if identity:
            ((sequence,),) = _all(cursor, "SELECT pg_get_serial_sequence(%s, %s)", [table, name])
            ((last, is_called),) = _all(
                cursor,
                f"SELECT last_value, is_called FROM {sequence}",  # noqa: S608
                None,
            )
            return _Number(quoted, sequence, last, is_called)
    return None


def _taken(columns: list[Any], alias: str, values: Mapping[str, str]) -> str:
    return ", ".join(
        f"{values.get(name, f'{alias}.{quoted}')} AS {quoted}" for name, quoted, *_rest in columns
    )


def _copy(cursor: Any, table: str, source: str, taken: str) -> None:
    """The new table under the old name; the old one is gone."""
    cursor.execute(f"CREATE TABLE {table}_anew AS SELECT {taken} FROM {source}")  # noqa: S608
    copied = cursor.rowcount
    ((wanted,),) = _all(cursor, f"SELECT count(*) FROM {table}", None)  # noqa: S608
    if copied != wanted:
        raise RuntimeError(f"{table} has {wanted} rows, written anew it would have {copied}")
    cursor.execute(f"DROP TABLE {table}")
    cursor.execute(f"ALTER TABLE {table}_anew RENAME TO {table}")


def _defaults(columns: list[Any]) -> list[str]:
    return [
        f"ALTER {quoted} SET DEFAULT {default}"
        for _name, quoted, _filled, default, _identity in columns
        if default
    ]


def _never_empty(columns: list[Any], constraints: list[Any]) -> list[str]:
    """For servers before 18, which have no named constraints of that kind."""
    if any(kind == "n" for _of, kind, _own, _add, _drop in constraints):
        return []
    return [f"ALTER {quoted} SET NOT NULL" for _name, quoted, filled, *_rest in columns if filled]


def _alter(cursor: Any, table: str, changes: Sequence[str]) -> None:
    if changes:
        cursor.execute(f"ALTER TABLE {table} {', '.join(changes)}")
