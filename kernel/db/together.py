"""Schema changes that are made one by one and thought of as one.

Django makes the classes of a migration's models anew after each change, and with them those of
all models that are related: most of the time of an upgrade whose tables are small. Changes that do
not look at one another need it once.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Together(Operation):
    """``operations`` in their order, between the state before all of them and the one after all.

    For fields, constraints, indexes and triggers of tables that exist, each named once: an
    operation sees the fields that a later one adds, and not those that an earlier one has changed.
    No CreateModel, whose table would be made with later fields, and nothing that runs SQL or Python.
    """

    def __init__(self, *operations: Operation) -> None:
        self.operations = operations

    def deconstruct(self) -> tuple[str, list[Operation], dict[str, Any]]:
        return type(self).__name__, list(self.operations), {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # Without the classes each change is a change of a dictionary; who asks for them gets new ones.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)
