"""What every operation of the API has in common, written once into its OpenAPI schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="8 to 200 characters, new per action; a repeated request gets the first answer.",
)
PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457). Refusals add their own details beside these.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "Where this kind of problem is explained."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, for people."},
        "code": {"type": "string", "description": "What happened, for programs."},
        "fields": {
            "type": "object",
            "description": "With code invalid: a field's name and what is wrong with it.",
            "additionalProperties": True,
        },
    },
    "additionalProperties": True,
}
_RESPONSE = {
    "description": "Every error is a problem document.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def document_problems(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give every operation its ``default`` response (a drf-spectacular postprocessing hook)."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = _RESPONSE
    return result
