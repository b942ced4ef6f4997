"""The OpenAPI schema, with the scope of every operation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

from kernel.http.scopes import scope_of


class ScopedSchema(AutoSchema):
    """Names the scope of an operation in the OpenAPI schema, for people and for programs."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        scope = scope_of(self.view, self.method)
        if operation is not None and scope:
            operation["x-scope"] = str(scope)
            said = operation.get("description", "")
            operation["description"] = f"{said}\n\nScope of the token: `{scope}`.".strip()
        return operation
