"""The basket: lines added, counted, merged at login, emptied by an order.

A basket promises nothing: prices are those of the moment it is read, stock is taken when
the order is placed. Locks: the basket row, which lets two tabs change it in turn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext, ngettext

from catalog.collecting import Collecting, is_by_store, places_to_collect, require_place
from catalog.errors import OfferNotRunning, PersonLimitReached, QuotaGone, SoldOut
from catalog.models import Offer
from catalog.selectors import heirs_of, offers_for_purchase
from catalog.services.stock import held_by
from kernel.clock import now
from kernel.ids import new_token
from kernel.plaintext import isolate
from members.models import User
from orders.errors import BasketChanged, QuantityOutOfRange, TooManyLines
from orders.models import Basket, BasketLine
from orders.services.rules import SHOP


def guest_basket() -> Basket:
    """Make a guest's basket; its token goes into the guest's session."""
    return Basket.objects.create(token=new_token())


def basket_of(*, owner: User) -> Basket:
    """Return the person's basket, made when there is none."""
    basket = Basket.objects.filter(owner=owner).first()
    if basket is not None:
        return basket
    try:
        with transaction.atomic():
            return Basket.objects.create(owner=owner, token=new_token())
    except IntegrityError:  # made by another request of the same person just now
        return Basket.objects.get(owner=owner)


class Added(NamedTuple):
    """A line of the basket, and how many of its offer the person may still buy; None: as many as one likes.

    ``moved`` says that pieces which were in the basket before are collected at another store now.
    """

    line: BasketLine
    allowed: int | None
    moved: bool = False

    @property
    def is_too_many(self) -> bool:
        """Whether the line holds more than may be bought at its price."""
        return self.allowed is not None and self.line.quantity > self.allowed


def add_line(
    *,
    basket: Basket,
    offer_id: int,
    quantity: int = 1,
    replace: bool = False,
    store_id: int | None = None,
) -> Added:
    """Put ``quantity`` more of an offer into the basket, or make it so many with ``replace``.

    ``store_id`` is where goods that are counted by store are collected; None leaves it as it is. All pieces
    of an offer are collected at one store, so those that are in the basket move with it (`Added.moved`).

    Raises OfferNotRunning for an offer that cannot be bought now, QuotaGone after its last
    piece, PersonLimitReached when the person has bought all that one may, QuantityOutOfRange
    beyond one order's quantity, TooManyLines beyond one order's lines. Nothing is changed then.
    """
    offer = offers_for_purchase([offer_id]).get(offer_id)
    if offer is None:
        raise OfferNotRunning(offer=offer_id)
    if offer.remaining == 0:
        raise QuotaGone(offer=offer_id, remaining=0)
    allowed = _left_for(basket, offer)
    store = _store_for(offer, store_id)
    with transaction.atomic():
        _lock(basket)
        line = basket.lines.filter(offer_id=offer_id).first()
        total = quantity + (line.quantity if line and not replace else 0)
        if quantity < 1 or total > SHOP.quantity:
            raise QuantityOutOfRange(offer=offer_id, limit=SHOP.quantity)
        if line is None:
            if basket.lines.count() >= SHOP.lines:
                raise TooManyLines(limit=SHOP.lines)
            line = basket.lines.create(offer=offer, quantity=total, store_id=store)
            return Added(line, allowed)
        moved = bool(store and line.store_id and store != line.store_id and not replace)
        line.offer, line.quantity, line.store_id = offer, total, store or line.store_id
        line.save(update_fields=["quantity", "store"])
    return Added(line, allowed, moved)


def renew_line(*, basket: Basket, offer_id: int) -> None:
    """Let a line whose price has changed follow to the new one, at its quantity.

    An absent line stays absent. Raises OfferNotRunning when nothing has followed the offer;
    nothing is changed then. A line that the basket holds at the new price already takes the
    pieces in, up to one order's quantity.
    """
    with transaction.atomic():
        _lock(basket)
        line = basket.lines.select_related("offer").filter(offer_id=offer_id).first()
        if line is None:
            return
        heir = heirs_of([line.offer]).get(offer_id)
        if heir is None:
            raise OfferNotRunning(offer=offer_id)
        if heir.pk == offer_id:
            return
        twin = basket.lines.filter(offer_id=heir.pk).first()
        if twin is None:
            line.offer_id = heir.pk
            line.save(update_fields=["offer"])
            return
        twin.quantity = min(twin.quantity + line.quantity, SHOP.quantity)
        twin.save(update_fields=["quantity"])
        line.delete()


def _left_for(basket: Basket, offer: Offer) -> int | None:
    """How many the basket's owner may still buy of an offer. Raises PersonLimitReached after the last one."""
    limit, held = offer.per_person_limit, held_by(buyer_id=basket.owner_id, offer=offer)
    if limit is not None and held >= limit:
        sentence = gettext(
            "“%(title)s”: the limit is %(limit)d per person, and you have bought %(held)d so far. "
            "It was not added to your basket."
        ) % {"title": isolate(offer.product.title), "limit": limit, "held": held}
        raise PersonLimitReached(sentence, offer=offer.pk, limit=limit, held=held)
    return None if limit is None else limit - held


def set_quantity(*, basket: Basket, offer_id: int, quantity: int) -> None:
    """Set how many of an offer the basket holds; 0 takes it out. An absent line stays absent.

    Raises QuantityOutOfRange below 0 or beyond one order's quantity.
    """
    if not 0 <= quantity <= SHOP.quantity:
        raise QuantityOutOfRange(offer=offer_id, limit=SHOP.quantity)
    with transaction.atomic():
        _lock(basket)
        lines = basket.lines.filter(offer_id=offer_id)
        if quantity:
            lines.update(quantity=quantity)
        else:
            lines.delete()


def choose_stores(*, basket: Basket, stores: Mapping[int, int]) -> None:
    """Say where the goods of lines are collected: ``stores`` by offer. An absent line stays absent.

    Raises InvalidInput for a store that does not hand them over, SoldOut for one that has fewer than
    the line wants. Nothing is changed then. A line that has its store already is not asked again.
    """
    lines = basket.lines.filter(offer__in=stores).select_related(
        "offer__variant__stock", "offer__product"
    )
    moved = [
        line
        for line in lines.order_by("pk")
        if line.store_id != stores[line.offer_id] and is_by_store(line.offer.variant)
    ]
    places = places_to_collect([line.offer.variant_id for line in moved])
    for line in moved:
        _require_enough(line, stores[line.offer_id], places[line.offer.variant_id])
    with transaction.atomic():
        _lock(basket)
        for line in moved:  # by its key: it may have been taken out meanwhile
            basket.lines.filter(pk=line.pk).update(store_id=stores[line.offer_id])


def _require_enough(line: BasketLine, store_id: int, places: Sequence[Collecting]) -> None:
    left = {place.store.pk: place for place in places}
    require_place(left, store_id, offer=line.offer_id)
    place = left[store_id]
    if place.left >= line.quantity:
        return
    sentence = ngettext(
        "%(store)s has only %(left)d piece of “%(title)s” left. Choose another store, or fewer pieces.",
        "%(store)s has only %(left)d pieces of “%(title)s” left. Choose another store, or fewer pieces.",
        place.left,
    )
    if not place.left:
        sentence = gettext("%(store)s has none of “%(title)s” left. Choose another store.")
    details = {"store": isolate(place.store.name), "title": isolate(line.offer.product.title)}
    raise SoldOut(
        sentence % {**details, "left": place.left}, offer=line.offer_id, available=place.left
    )


def _store_for(offer: Offer, store_id: int | None) -> int | None:
    """The chosen store, where the variant is counted by store; one query then."""
    if store_id is None or not is_by_store(offer.variant):
        return None
    places = places_to_collect([offer.variant_id])[offer.variant_id]
    require_place([place.store.pk for place in places], store_id, offer=offer.pk)
    return store_id


def merge_baskets(*, token: str, owner: User) -> Basket:
    """Move a guest's lines into the person's basket and return it; the guest's is deleted.

    Equal offers add up, to at most what one order takes; lines beyond one order's lines stay
    behind. Locks both baskets by primary key. A token that is unknown, or was merged
    before, changes nothing.
    """
    basket = basket_of(owner=owner)
    with transaction.atomic():
        rows = Basket.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
        locked = list(rows.filter(pk=basket.pk) | rows.filter(token=token, owner=None))
        for guest in (row for row in locked if row.pk != basket.pk):
            _move_lines(guest, basket)
            guest.delete()
    return basket


def _move_lines(guest: Basket, basket: Basket) -> None:
    held = {line.offer_id: line for line in basket.lines.all()}
    fresh: list[BasketLine] = []
    for line in guest.lines.all():
        twin = held.get(line.offer_id)
        if twin is not None:
            twin.quantity = min(twin.quantity + line.quantity, SHOP.quantity)
            twin.store_id = line.store_id or twin.store_id  # chosen just now, by the guest
        elif len(held) + len(fresh) < SHOP.lines:
            fresh.append(
                BasketLine(
                    basket=basket,
                    offer_id=line.offer_id,
                    quantity=line.quantity,
                    store_id=line.store_id,
                )
            )
    BasketLine.objects.bulk_update(held.values(), ["quantity", "store"])
    BasketLine.objects.bulk_create(fresh)


def take_out(*, basket: Basket, bought: Iterable[tuple[int, int]]) -> None:
    """Take ordered ``(offer id, quantity)`` pairs out; what was added meanwhile stays.

    Runs inside the transaction that placed the order. Locks the basket, last of all. What
    stands in a basket is ordered once: raises BasketChanged when a line holds fewer pieces
    than were ordered, because another tab has ordered or taken them out.
    """
    _lock(basket)
    ordered = dict(bought)
    for offer_id in ordered.keys() - _delete_exact(basket, ordered):
        rows = basket.lines.filter(offer_id=offer_id, quantity__gt=ordered[offer_id])
        if not rows.update(quantity=F("quantity") - ordered[offer_id]):
            raise BasketChanged


def _delete_exact(basket: Basket, bought: Mapping[int, int]) -> set[int]:
    """Delete the lines that hold just what was bought, and return their offers. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM orders_basketline"
            " WHERE basket_id = %s AND (offer_id, quantity) IN %s RETURNING offer_id",
            [basket.pk, tuple(bought.items())],
        )
        return {offer_id for (offer_id,) in cursor.fetchall()}


def _lock(basket: Basket) -> None:
    Basket.objects.filter(pk=basket.pk).update(changed_at=now())
