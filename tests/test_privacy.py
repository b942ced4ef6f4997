"""docs/privacy.md tells of every kind and column of what is recorded, and of every table that names a person."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import CASCADE

from kernel.facts.models import Fact
from kernel.facts.services import AT_ONCE
from members.models import User
from stores.models import Merchant

PAGE = (Path(__file__).parents[1] / "docs/privacy.md").read_text()
TOKEN = re.compile(r"`([^`]+)`")


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def columns_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
    return {column.name for column in described}


def test_every_kind_of_fact_is_told_with_its_reason() -> None:
    told = {cells[0].strip("`"): cells for cells in rows(section("Facts")) if len(cells) == 4}
    assert set(told) == set(Fact.Kind.values)
    for kind, (_name, when, why, written) in told.items():
        assert when, kind
        assert why, kind
        assert (written != "batch") == (kind in AT_ONCE), kind


@pytest.mark.django_db
@pytest.mark.parametrize(("title", "table"), [("Facts", "facts_fact"), ("Touches", "codes_touch")])
def test_every_column_of_what_is_kept_is_told(title: str, table: str) -> None:
    told = {
        name
        for cells in rows(section(title))
        if len(cells) == 2
        for name in TOKEN.findall(cells[0])
    }
    assert told == columns_of(table)


# Columns that name or single out a person without a foreign key.
PERSONAL = {
    *("display_name", "avatar", "contact_name", "contact_phone", "contact_email"),
    *("visit", "visitor", "session_data"),
}
Linked = dict[str, set[str]]


def linked_tables() -> Linked:
    """Each table that names a person, with the columns that do; what such a row takes along too."""
    models = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    linked: Linked = {}
    for model in models:
        columns = {
            field.name
            for field in model._meta.concrete_fields
            if field.related_model is User or field.name in PERSONAL
        }
        if columns:
            linked[model._meta.db_table] = columns
    while True:
        parts = {
            model._meta.db_table
            for model in models
            for field in model._meta.concrete_fields
            if field.remote_field is not None
            and getattr(field.remote_field, "on_delete", None) is CASCADE
            and field.related_model is not Merchant  # a business is more than its applicant
            and field.related_model._meta.db_table in linked
        } - set(linked)
        if not parts:
            return linked
        linked |= {table: set() for table in parts}


@pytest.mark.django_db
def test_every_table_with_a_link_to_a_person_is_in_the_register() -> None:
    told: Linked = {}
    for tables, columns, why, kept in rows(section("Register")):
        assert why, tables
        assert kept, tables
        names = TOKEN.findall(tables)
        known = set().union(*map(columns_of, names))
        named = set(TOKEN.findall(columns))
        assert not {name for name in named if name not in known and f"{name}_id" not in known}
        for table in names:
            assert told.setdefault(table, named) is named, f"{table} is told twice"
    linked = linked_tables()
    assert not set(linked) - set(told), "add a row to docs/privacy.md"
    assert not {
        (table, column)
        for table, columns in linked.items()
        for column in columns - told.get(table, set())
    }
