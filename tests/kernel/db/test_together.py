"""Several changes of the schema as one: the same tables, the classes made once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState, StateApps

from kernel.db.together import Together

pytestmark = pytest.mark.django_db


def start(*, table: bool = True) -> ProjectState:
    """The state that knows a box; and its table."""
    state = ProjectState()
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=5)),
    ]
    box = migrations.CreateModel("Box", fields)
    box.state_forwards("kernel_db", state)
    if table:
        with connection.schema_editor() as editor:
            box.database_forwards("kernel_db", editor, ProjectState(), state)
    return state


def changes() -> list[Operation]:
    unique = models.UniqueConstraint(fields=["name", "place"], name="together_box_once")
    return [
        migrations.AddField("box", "place", models.IntegerField(default=1)),
        migrations.AddField(
            "box", "inside", models.ForeignKey("kernel_db.box", models.CASCADE, null=True)
        ),
        migrations.AlterField("box", "name", models.CharField(max_length=50)),
        migrations.AddConstraint("box", unique),
    ]


def run(operation: Operation, state: ProjectState) -> None:
    """Apply it; ``state`` becomes that after it."""
    before = state.clone()
    operation.state_forwards("kernel_db", state)
    with connection.schema_editor() as editor:
        operation.database_forwards("kernel_db", editor, before, state)


def columns() -> dict[str, Any]:
    with connection.cursor() as cursor:
        shape = connection.introspection.get_table_description(cursor, "kernel_db_box")
        keys = connection.introspection.get_constraints(cursor, "kernel_db_box")
    named = {name.rsplit("_", 1)[0] for name in keys}
    return {row.name: (row.type_code, row.display_size) for row in shape} | {"keys": named}


def drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; DROP TABLE kernel_db_box")


def test_the_table_is_that_of_the_changes_one_by_one_and_comes_back() -> None:
    state = start()
    plain = columns()
    for change in changes():
        run(change, state)
    expected = columns()
    drop()

    together = Together(*changes())
    assert "place" in together.describe() and "inside" in together.describe()
    state = start()
    run(together, state)
    assert columns() == expected != plain
    with connection.schema_editor() as editor:
        before = start(table=False)
        together.database_backwards("kernel_db", editor, state, before)
    assert columns() == plain


def test_the_classes_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    whole = StateApps.render_multiple
    monkeypatch.setattr(
        StateApps,
        "render_multiple",
        lambda self, rows: (made.extend(rows[:1]), whole(self, rows))[1],
    )
    state = start()
    made.clear()
    run(Together(*changes()), state)
    assert len(made) == 1
    state = start(table=False)
    assert state.apps
    made.clear()
    for change in changes():
        change.state_forwards("kernel_db", state)
    assert len(made) > 1  # what it saves
