"""docs/privacy.md tells of every kind and every column of what is recorded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection

from kernel.facts.models import Fact
from kernel.facts.services import AT_ONCE

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
