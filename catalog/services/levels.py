"""Movements that people and tills report: received, counted, sold, sent on (docs/stock.md).

One call tells up to `MOST_LINES`; each line has its own answer, and a line that was told before
is answered again and changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from catalog.errors import NotByStore, NotEnoughToSend, NotHandedOver, TooManyPieces
from catalog.models import Stock, StockDiscrepancy, StockLevel, StockMovement, Variant
from catalog.services.places import (
    Place,
    announce_threshold,
    apply_delta,
    hands_over,
    lock_stock,
    moved_since,
    number_of,
    place_of,
    refresh_web,
    require_hands_over,
    shops_of,
    standing_in_books,
    write_count,
    write_number,
)
from catalog.usable import named_stores
from kernel.bounds import MAX_COUNT, field_problems, is_whole, validate_line
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from kernel.plaintext import check_readable
from stores.models import Merchant, Store

Reason = StockMovement.Reason
MOST_LINES = 100
MOST_AHEAD = dt.timedelta(hours=1)
"""So far may the clock of a till be ahead of ours."""
GAINS = frozenset({Reason.RECEIVED, Reason.GIVEN_BACK, Reason.RETURN})
LOSSES = frozenset({Reason.SOLD, Reason.LOSS})
AT_THE_COUNTER = frozenset({Reason.RECEIVED, Reason.SOLD, Reason.GIVEN_BACK, Reason.COUNT})
"""What whoever counts and receives at a store may tell; the rest corrects the books."""
TOLD = (*sorted(GAINS), *sorted(LOSSES), Reason.CORRECTION, Reason.COUNT)
"""What can be reported; a transfer has two ends and a service of its own."""


class MovementAsked(NamedTuple):
    """One line: what happened to a variant at a store (None: to the web's number), and when.

    ``key`` is the reporter's own name for it: told twice, it counts once.
    """

    variant_id: int
    store_id: int | None
    reason: str
    key: str
    delta: int = 0
    counted: int | None = None
    occurred_at: dt.datetime | None = None
    note: str = ""


class MovementAnswer(NamedTuple):
    """What became of a line: recorded, known (told before), or refused with a code and a sentence."""

    key: str
    outcome: str
    code: str = ""
    detail: str = ""
    on_hand: int | None = None


def record_movements(
    *,
    merchant: Merchant,
    lines: Sequence[MovementAsked],
    stores: Iterable[int] | None,
    by: Any,
    via: str = "",
) -> list[MovementAnswer]:
    """Write what is new of ``lines``, in one transaction, and answer each in its place.

    ``stores`` are those of the merchant that ``by`` may speak for (None: all, and the web's
    number); ``via`` names the API key. What counts is each line's own time, so lines may come late
    and in any order (catalog.services.replay). A store's level may fall below zero: that opens a
    discrepancy. A count settles the one of its place. Locks the stock rows of the variants,
    ascending. Outbox "stock.turned", "stock.low". Raises InvalidInput for more lines than
    `MOST_LINES`.
    """
    if len(lines) > MOST_LINES:
        text = gettext("Send at most %(count)d lines a call.") % {"count": MOST_LINES}
        raise InvalidInput(fields={"lines": [text]})
    moment = now()
    reach = None if stores is None else frozenset(stores)
    own = _own_variants(merchant, lines)
    named = named_stores(set(own.values()))
    shops = set(Store.objects.filter(merchant=merchant).values_list("pk", flat=True))
    while True:
        try:
            with transaction.atomic():
                stock, known = lock_stock(own), _known(merchant, lines)
                run = _Run(merchant, by, via, moment, stock, known, _Named(own, named))
                for line in lines:
                    fault = _fault(line, moment)
                    run.take(line, fault if fault[0] else _not_there(line, own, shops, reach))
                return run.finish()
        except IntegrityError:
            # A key that another call has just used for another variant; now it is found.
            continue


class _Run:
    """One call: what is written, what each line is answered, which places have to be added up."""

    def __init__(
        self,
        merchant: Merchant,
        by: Any,
        via: str,
        moment: dt.datetime,
        stock: Mapping[int, Stock],
        known: dict[str, StockMovement],
        named: _Named,
    ) -> None:
        self.merchant, self.by, self.via, self.moment = merchant, by, via, moment
        self.stock, self.known, self.named = stock, known, named
        self.answers: list[MovementAnswer] = []
        self.places: dict[tuple[int, int | None], Place] = {}
        self.numbers: dict[tuple[int, int | None], int] = {}
        self.standing: dict[tuple[int, int | None], tuple[int, dt.datetime | None]] = {}
        """What a place comes to with all lines so far, and the count that this begins with."""
        self.counted: set[tuple[int, int | None]] = set()
        self.rows: list[StockMovement] = []

    def take(self, line: MovementAsked, refused: tuple[str, str]) -> None:
        """Answer one line, and remember what it writes."""
        self.answers.append(self._judge(line, refused))

    def _judge(self, line: MovementAsked, refused: tuple[str, str]) -> MovementAnswer:
        if refused[0]:
            return MovementAnswer(line.key, "refused", *refused)
        before = self.known.get(line.key)
        if before is not None:
            if _same(before, line):
                return MovementAnswer(line.key, "known")
            text = gettext("This key was used for another movement. Nothing was recorded for it.")
            return MovementAnswer(line.key, "refused", "key_reused", text)
        stock = self.stock.get(line.variant_id)
        if stock is None or stock.by_store != (line.store_id is not None):
            return MovementAnswer(line.key, "refused", NotByStore.code, str(NotByStore.message))
        if stock.available is None:
            text = gettext("This product has no limit, so nothing of it is counted.")
            return MovementAnswer(line.key, "refused", "unlimited", text)
        if not self.named.takes(line):
            text = str(NotHandedOver.message)
            return MovementAnswer(line.key, "refused", NotHandedOver.code, text)
        return self._write(line, stock)

    def _write(self, line: MovementAsked, stock: Stock) -> MovementAnswer:
        at = line.variant_id, line.store_id
        if at not in self.places:
            self.places[at] = place_of(stock, line.store_id)
            self.numbers[at] = number_of(self.places[at])
        place = self.places[at]
        occurred_at = line.occurred_at or self.moment
        counts = line.reason == Reason.COUNT
        if line.store_id is None and not counts and self.numbers[at] + line.delta < 0:
            text = gettext("The web never sells below zero. Nothing was recorded for it.")
            return MovementAnswer(line.key, "refused", "below_zero", text)
        standing = self._with(at, line, occurred_at)
        if abs(standing[0]) > MAX_COUNT:
            text = str(TooManyPieces.message)
            return MovementAnswer(line.key, "refused", TooManyPieces.code, text)
        self.standing[at] = standing
        row = StockMovement(
            merchant_id=self.merchant.pk,
            variant_id=line.variant_id,
            store_id=line.store_id,
            reason=line.reason,
            delta=0 if counts else line.delta,
            counted=line.counted if counts else None,
            books=self.numbers[at] if counts else None,
            occurred_at=occurred_at,
            author=self.by,
            via=self.via,
            note=line.note,
            key=line.key,
            created_at=self.moment,
        )
        self.rows.append(row)
        self.known[line.key] = row
        if counts:
            self.counted.add(at)
        elif place.counted_at is None or occurred_at >= place.counted_at:
            self.numbers[at] += line.delta
        return MovementAnswer(line.key, "recorded")

    def _with(
        self, at: tuple[int, int | None], line: MovementAsked, occurred_at: dt.datetime
    ) -> tuple[int, dt.datetime | None]:
        """What the place of a line comes to with it, and since which count; a query for a count."""
        place = self.places[at]
        number, since = self.standing.get(at, (self.numbers[at], place.counted_at))
        if since is not None and occurred_at < since:
            return number, since
        if line.counted is None:
            return number + line.delta, since
        later = moved_since(line.variant_id, line.store_id, occurred_at)
        told = [row for row in self.rows if (row.variant_id, row.store_id) == at]
        later += sum(row.delta for row in told if row.occurred_at >= occurred_at)
        return line.counted + later, occurred_at

    def finish(self) -> list[MovementAnswer]:
        """Insert the rows, write the places' numbers and what they mean, and complete the answers."""
        StockMovement.objects.bulk_create(self.rows)
        for at in sorted(self.places, key=lambda at: (at[0], at[1] or 0)):
            self._settle(at)
        for variant_id in sorted({variant for variant, store in self.places if store is not None}):
            refresh_web(self.stock[variant_id])
        places = {row.key: (row.variant_id, row.store_id) for row in self.known.values()}
        return [
            answer._replace(on_hand=self._on_hand(places[answer.key]))
            if answer.outcome != "refused"
            else answer
            for answer in self.answers
        ]

    def _settle(self, at: tuple[int, int | None]) -> None:
        place, (variant_id, store_id) = self.places[at], at
        number = self.numbers[at]
        if at in self.counted:
            number, place.counted_at = standing_in_books(variant_id, store_id)
            if store_id is not None:
                settle_discrepancy(variant_id, store_id, self.by, self.moment)
        write_number(self.stock[variant_id], place, max(number, 0) if store_id is None else number)
        self.numbers[at] = number

    def _on_hand(self, at: tuple[int, int | None]) -> int:
        if at not in self.numbers:
            stock = self.stock[at[0]]
            self.numbers[at] = number_of(place_of(stock, at[1]))
        return self.numbers[at]


class _Named(NamedTuple):
    """The product of each variant, and the stores that products name."""

    products: dict[int, int]
    stores: dict[int, list[int]]

    def takes(self, line: MovementAsked) -> bool:
        """Whether a line may be told of its store: pieces come to where they are handed over.

        Where they are not any more they can still go, and be counted down to nothing.
        """
        named = self.stores.get(self.products[line.variant_id])
        if line.store_id is None or not named or line.store_id in named:
            return True
        levels = StockLevel.objects.filter(variant=line.variant_id, store=line.store_id)
        return not line.counted and line.delta <= 0 and levels.exists()


def _own_variants(merchant: Merchant, lines: Iterable[MovementAsked]) -> dict[int, int]:
    """The product of each variant of the merchant's own."""
    wanted = {line.variant_id for line in lines}
    rows = Variant.objects.filter(pk__in=wanted, product__merchant=merchant)
    return dict(rows.values_list("pk", "product_id"))


def _known(merchant: Merchant, lines: Iterable[MovementAsked]) -> dict[str, StockMovement]:
    keys = {line.key for line in lines}
    rows = StockMovement.objects.filter(merchant=merchant, key__in=keys)
    return {str(row.key): row for row in rows}


def _same(row: StockMovement, line: MovementAsked) -> bool:
    """Whether a line says what was recorded under its key; its time may be told anew."""
    said = (line.variant_id, line.store_id, line.reason, line.counted, line.delta)
    return (row.variant_id, row.store_id, row.reason, row.counted, row.delta) == said


def _not_there(
    line: MovementAsked, own: Mapping[int, int], shops: set[int], reach: frozenset[int] | None
) -> tuple[str, str]:
    there = line.variant_id in own and (line.store_id is None or line.store_id in shops)
    if not there or (reach is not None and line.store_id not in reach):
        return NotFound.code, str(NotFound.message)
    return "", ""


def _fault(line: MovementAsked, moment: dt.datetime) -> tuple[str, str]:
    """Why a line cannot be read as a movement: a code and a sentence; two empty ones for none."""
    text = _unreadable(line.key) or _unreadable(line.note)
    if text:
        return "invalid", text
    if line.occurred_at is not None and line.occurred_at > moment + MOST_AHEAD:
        text = gettext("Its time is in the future. Set the clock of the device.")
    elif line.reason not in TOLD:
        text = gettext("Send one of these reasons: %(known)s.") % {"known": ", ".join(TOLD)}
    elif line.reason == Reason.COUNT:
        if not is_whole(line.counted, 0, MAX_COUNT) or line.delta:
            text = gettext("A count says how many there are, and nothing else.")
    elif line.counted is not None or not is_whole(line.delta, -MAX_COUNT, MAX_COUNT):
        text = gettext("Send by how many pieces it changed.")
    elif not line.delta or (line.reason in GAINS and line.delta < 0):
        text = gettext("Pieces that come in are a number above zero.")
    elif line.reason in LOSSES and line.delta > 0:
        text = gettext("Pieces that go out are a number below zero.")
    return ("invalid", text) if text else ("", "")


def _unreadable(text: str) -> str:
    """Why a key or a note cannot be kept, for people who read it in the books; "" where it can."""
    try:
        validate_line(text)
        check_readable(text)
    except ValidationError as error:
        return error.messages[0]
    return ""


def settle_discrepancy(variant_id: int, store_id: int, by: Any, moment: dt.datetime) -> None:
    """Close the open discrepancy of a place, where there is one; its stock row is locked."""
    StockDiscrepancy.objects.filter(
        variant_id=variant_id, store_id=store_id, settled_at__isnull=True
    ).update(settled_at=moment, settled_by=by)


@transaction.atomic
def transfer_stock(
    *,
    merchant: Merchant,
    variant_id: int,
    from_store: int,
    to_store: int,
    quantity: int,
    by: Any,
    via: str = "",
    note: str = "",
) -> tuple[StockLevel, StockLevel]:
    """Send pieces from one store to another; return both levels.

    Both ends are written at once, under the variant's stock row: transfers that cross wait for
    each other and never lock each other out. Raises NotFound for a variant or store of somebody
    else, NotByStore, NotHandedOver, NotEnoughToSend, InvalidInput.
    """
    if not is_whole(quantity, 1, MAX_COUNT) or from_store == to_store:
        text = gettext("Choose two stores, and send at least one piece.")
        raise InvalidInput(fields={"quantity": [text]})
    _require_own(merchant, variant_id, {from_store, to_store})
    stock = lock_stock([variant_id]).get(variant_id)
    if stock is None or not stock.by_store:
        raise NotByStore
    require_hands_over(variant_id, to_store)
    if not hands_over(variant_id, from_store):
        left = StockLevel.objects.filter(variant=variant_id, store=from_store)
        if not left.exists():
            raise NotHandedOver
    source, target = place_of(stock, from_store), place_of(stock, to_store)
    if number_of(source) < quantity:
        raise NotEnoughToSend(available=max(number_of(source), 0))
    for place, reason, delta in (
        (source, Reason.TRANSFER_OUT, -quantity),
        (target, Reason.TRANSFER_IN, quantity),
    ):
        apply_delta(stock, place, reason=reason, delta=delta, by=by, via=via, note=note)
    refresh_web(stock)
    assert isinstance(source, StockLevel), "counted by store"
    assert isinstance(target, StockLevel), "counted by store"
    return source, target


@transaction.atomic
def count_level(*, level: StockLevel, counted: int, by: Any, note: str = "") -> StockLevel:
    """Count a store's pieces at this moment, after all that is known of it; settle its discrepancy.

    Locks the stock row. Raises InvalidInput for a number that cannot be kept, NotByStore,
    NotHandedOver.
    """
    if not is_whole(counted, 0, MAX_COUNT):
        raise InvalidInput(fields={"counted": [gettext("Say how many there are.")]})
    stock = lock_stock([level.variant_id])[level.variant_id]
    if not stock.by_store:
        raise NotByStore
    if counted:
        require_hands_over(level.variant_id, level.store_id)
    level.refresh_from_db()
    level.counted_at = write_count(
        stock, counted=counted, books=level.on_hand, by=by, store_id=level.store_id, note=note
    )
    settle_discrepancy(level.variant_id, level.store_id, by, now())
    write_number(stock, level, counted)
    refresh_web(stock)
    return level


@transaction.atomic
def receive_pieces(*, level: StockLevel, quantity: int, by: Any, note: str = "") -> StockLevel:
    """Add pieces that a store has just received. Locks the stock row.

    Raises InvalidInput, NotByStore, NotHandedOver.
    """
    if not is_whole(quantity, 1, MAX_COUNT):
        raise InvalidInput(fields={"quantity": [gettext("Say how many came.")]})
    stock = lock_stock([level.variant_id])[level.variant_id]
    if not stock.by_store:
        raise NotByStore
    require_hands_over(level.variant_id, level.store_id)
    level.refresh_from_db()
    apply_delta(stock, level, reason=Reason.RECEIVED, delta=quantity, by=by, note=note)
    refresh_web(stock)
    return level


@transaction.atomic
def change_level(
    *, level: StockLevel, safety: int, sells_online: bool, low_stock_at: int | None
) -> StockLevel:
    """Say what of a store's pieces the web may sell, and when its merchant is told that few are left.

    ``low_stock_at`` holds for every store of the variant; who has so few already is told of at
    once. Locks the stock row. Outbox "stock.turned", "stock.low". Raises InvalidInput.
    """
    stock = lock_stock([level.variant_id])[level.variant_id]
    level.refresh_from_db()
    level.safety, level.sells_online, level.updated_at = safety, sells_online, now()
    told_at, stock.low_stock_at = stock.low_stock_at, low_stock_at
    problems = field_problems(level, exclude=("variant", "store", "merchant"))
    if problems := problems | field_problems(stock, exclude=("variant",)):
        raise InvalidInput(fields=problems)
    level.save(update_fields=["safety", "sells_online", "updated_at"])
    stock.save(update_fields=["low_stock_at"])
    announce_threshold(stock, told_at=told_at)
    refresh_web(stock)
    return level


@transaction.atomic
def keep_by_store(*, variant_id: int, by: Any, store_id: int | None = None) -> Stock:
    """Count a variant by store from now on; what the web had is at ``store_id``, or nowhere.

    Every store where the product can be used gets a level. Harmless where it is so already. Locks
    the stock row. Raises NotFound for a store that does not take the product.
    """
    variant = Variant.objects.select_related("product").filter(pk=variant_id).first()
    if variant is None:
        raise NotFound
    Stock.objects.bulk_create([Stock(variant_id=variant_id, available=0)], ignore_conflicts=True)
    stock = lock_stock([variant_id])[variant_id]
    if stock.by_store:
        return stock
    merchant_id = variant.product.merchant_id
    shops = shops_of(variant.product)
    if store_id is not None and store_id not in shops:
        raise NotFound
    pieces = stock.available or 0
    if pieces:
        apply_delta(stock, stock, reason=Reason.TRANSFER_OUT, delta=-pieces, by=by)
    stock.by_store, stock.available = True, 0
    stock.save(update_fields=["by_store", "available"])
    StockLevel.objects.bulk_create(
        [
            StockLevel(merchant_id=merchant_id, variant_id=variant_id, store_id=shop)
            for shop in shops
        ],
        ignore_conflicts=True,
    )
    if store_id is not None and pieces:
        target = place_of(stock, store_id)
        apply_delta(stock, target, reason=Reason.TRANSFER_IN, delta=pieces, by=by)
    refresh_web(stock)
    return stock


def _require_own(merchant: Merchant, variant_id: int, stores: set[int]) -> None:
    own = Variant.objects.filter(pk=variant_id, product__merchant=merchant).exists()
    if not own or Store.objects.filter(merchant=merchant, pk__in=stores).count() != len(stores):
        raise NotFound
