from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from orders.access import BASKET_TOKEN, SESSION_COUNT
from orders.basket_view import count_pieces


def basket(request: HttpRequest) -> dict[str, Any]:
    """How many pieces are in the basket, for the number in the header.

    The views that change a basket keep it in the session. Someone who just signed in is
    counted, guest's basket included, until they open their basket: one query a request,
    however many templates it renders.
    """
    if not hasattr(request, "_basket_count"):
        request._basket_count = _count(request)  # type: ignore[attr-defined]
    return {"basket_count": request._basket_count}  # type: ignore[attr-defined]


def _count(request: HttpRequest) -> int:
    session = getattr(request, "session", None)
    if session is None:
        return 0
    known, token = session.get(SESSION_COUNT), session.get(BASKET_TOKEN, "")
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and (known is None or token):
        return count_pieces(user_id=user.pk, token=token)
    return known or 0
