"""Look up an order and check the right to it in one step. Other people's orders answer 404."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from kernel.db.prepared import Prepared
from kernel.errors import NotFound
from kernel.http.limits import client_address, hit
from members.models import User
from orders.basket_view import count_pieces
from orders.models import Basket, Order
from orders.services.basket import basket_of, guest_basket, merge_baskets

BASKET_TOKEN = "basket_token"  # noqa: S105 - the session's name for it
SESSION_COUNT = "basket_count"
QUOTES_A_MINUTE = 120


def orders_of(user: User) -> QuerySet[Order]:
    """The orders that ``user`` placed, newest first."""
    return _of(user.pk)


def _of(buyer_id: int | None) -> QuerySet[Order]:
    return Order.objects.filter(buyer_id=buyer_id)


_one = Prepared(lambda buyer_id, number: _of(buyer_id).filter(number=number), int, str)
_one_locked = Prepared(
    lambda buyer_id, number: (
        _of(buyer_id).select_for_update(of=("self",), no_key=True).filter(number=number)
    ),
    *(int, str),
)


def access_order_for_buyer(*, user: User, number: str, lock: bool = False) -> Order:
    """Return the buyer's order, its row locked with ``lock``; raises NotFound."""
    order = (_one_locked if lock else _one).first(user.pk, number)
    if order is None:
        raise NotFound
    return order


def count_quote(request: HttpRequest) -> None:
    """Count a price that was asked for: by person, and by address for guests.

    Raises TooManyAttempts beyond QUOTES_A_MINUTE.
    """
    who = f"user:{request.user.pk}" if request.user.is_authenticated else client_address(request)
    hit("quote", who, limit=QUOTES_A_MINUTE, period_seconds=60)


def read_basket(request: HttpRequest) -> Basket | None:
    """Return the basket of whoever asks, or None when there is none yet. Writes nothing.

    A guest's is named by the session.
    """
    if request.user.is_authenticated:
        return Basket.objects.filter(owner=request.user).first()
    token = request.session.get(BASKET_TOKEN, "")
    return Basket.objects.filter(token=token, owner=None).first() if token else None


def inherit_basket(request: HttpRequest, user: User) -> None:
    """Merge what a guest collected at this browser into the basket of who signs in there.

    Part of signing in (members/arrivals.py): the session forgets the guest's basket with it.
    """
    if token := request.session.pop(BASKET_TOKEN, ""):
        merge_baskets(token=token, owner=user)
    remember_count(request, count_pieces(user_id=user.pk))


def open_basket(request: HttpRequest) -> Basket:
    """Return the basket of whoever asks, made (and named in the session) when there is none."""
    basket = read_basket(request)
    if basket is not None:
        return basket
    if request.user.is_authenticated:
        return basket_of(owner=request.user)
    basket = guest_basket()
    request.session[BASKET_TOKEN] = basket.token
    return basket


def count_of(basket: Basket) -> int:
    """How many pieces a basket holds. One query."""
    return sum(line.quantity for line in basket.lines.all())


def remember_count(request: HttpRequest, pieces: int) -> None:
    """Keep the number that every page's header shows."""
    if request.session.get(SESSION_COUNT) != pieces:
        request.session[SESSION_COUNT] = pieces
