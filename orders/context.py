from __future__ import annotations

from typing import Any

from django.http import HttpRequest

SESSION_COUNT = "basket_count"


def basket(request: HttpRequest) -> dict[str, Any]:
    """How many pieces are in the basket, kept in the session by orders.services.basket's callers."""
    session = getattr(request, "session", None)
    return {"basket_count": session.get(SESSION_COUNT, 0) if session is not None else 0}
