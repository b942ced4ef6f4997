from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from orders.access import SESSION_COUNT
from orders.basket_view import count_pieces


def basket(request: HttpRequest) -> dict[str, Any]:
    """How many pieces are in the basket, for the number in the header.

    The views that change a basket, and signing in, keep it in the session. Where it does not know
    of somebody's yet: one query a request, however many templates it renders.
    """
    if not hasattr(request, "_basket_count"):
        request._basket_count = _count(request)  # type: ignore[attr-defined]
    return {"basket_count": request._basket_count}  # type: ignore[attr-defined]


def _count(request: HttpRequest) -> int:
    session = getattr(request, "session", None)
    if session is None:
        return 0
    known = session.get(SESSION_COUNT)
    user = getattr(request, "user", None)
    if known is None and user is not None and user.is_authenticated:
        return count_pieces(user_id=user.pk)
    return known or 0
