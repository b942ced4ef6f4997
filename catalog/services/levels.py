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
from catalog.models import Stock, StockLevel, StockMovement, Variant
from catalog.services.by_store import keep_by_store
from catalog.services.places import (
    INSTANT,
    Place,
    apply_delta,
    hands_over,
    lock_stock,
    moved_since,
    number_of,
    place_of,
    refresh_web,
    require_hands_over,
    settle_discrepancy,
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


At = tuple[int, int | None]
"""A place by its keys: variant, and store or None for the web."""


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
    start: bool = False,
) -> list[MovementAnswer]:
    """Write what is new of ``lines``, in one transaction, and answer each in its place.

    ``stores`` are those of the merchant that ``by`` may speak for (None: all, and the web's
    number); ``via`` names the API key. What counts is each line's own time, so lines may come late
    and in any order (docs/stock.md); a line without one happens now, after the latest count. A
    store's level may fall below zero: that opens a discrepancy. A count settles the one of its
    place. With ``start`` a variant of a line that is recorded at a store is counted by store from
    now on. Locks the stock rows of the variants, ascending. Outbox "stock.turned", "stock.low".
    Raises InvalidInput for more lines than `MOST_LINES`.
    """
    if len(lines) > MOST_LINES:
        text = gettext("Send at most %(count)d lines a call.") % {"count": MOST_LINES}
        raise InvalidInput(fields={"lines": [text]})
    reach = None if stores is None else frozenset(stores)
    own = _own_variants(merchant, lines)
    named = named_stores(set(own.values()))
    shops = set(Store.objects.filter(merchant=merchant).values_list("pk", flat=True))
    while True:
        try:
            with transaction.atomic():
                if start:
                    _give_rows(own)
                stock, known = lock_stock(own), _known(merchant, lines)
                moment = now()  # not before: who held the lock may have written later ones
                run = _Run(merchant, by, via, moment, stock, known, _Named(own, named), start)
                for line in lines:
                    fault = _fault(line, moment)
                    run.take(line, fault if fault[0] else _not_there(line, own, shops, reach))
                return run.finish()
        except IntegrityError as error:
            if "stock_movement_once" not in str(error):
                raise
            # A key that another call has just used for another variant; now it is found.


class _Standing(NamedTuple):
    """What a place comes to with all lines so far, and the count that this begins with."""

    number: int
    since: dt.datetime | None


class _Run:
    """One call: what is written, what each line is answered, which places have to be added up."""

    def __init__(
        self,
        merchant: Merchant,
        by: Any,
        via: str,
        moment: dt.datetime,
        stock: dict[int, Stock],
        known: dict[str, StockMovement],
        named: _Named,
        start: bool,
    ) -> None:
        self.merchant, self.by, self.via, self.moment = merchant, by, via, moment
        self.stock, self.known, self.named, self.start = stock, known, named, start
        self.answers: list[MovementAnswer] = []
        self.places: dict[At, Place] = {}
        self.standing: dict[At, _Standing] = {}
        self.counted: set[At] = set()
        """The places whose latest count is a line of this call."""
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
        by_store = stock is not None and stock.by_store
        if not self.named.takes(line, by_store=by_store):
            text = str(NotHandedOver.message)
            return MovementAnswer(line.key, "refused", NotHandedOver.code, text)
        if stock is None or by_store != (line.store_id is not None):
            if stock and self.start and not by_store and (stock.pk, None) not in self.places:
                return self._begin(line, stock)
            text = str(NotByStore.message)
            if by_store:
                text = gettext("This product is counted by store. Say at which store it changed.")
            return MovementAnswer(line.key, "refused", NotByStore.code, text)
        if stock.available is None:
            text = gettext("This product has no limit, so nothing of it is counted.")
            return MovementAnswer(line.key, "refused", "unlimited", text)
        return self._write(line, stock)

    def _begin(self, line: MovementAsked, stock: Stock) -> MovementAnswer:
        """Count the variant by store and record the line; neither where the line is refused."""
        with transaction.atomic():
            self.stock[stock.pk] = keep_by_store(variant_id=stock.pk, by=self.by)
            answer = self._write(line, self.stock[stock.pk])
            if answer.outcome == "refused":
                transaction.set_rollback(True)
                self.stock[stock.pk] = stock
                del self.places[stock.pk, line.store_id], self.standing[stock.pk, line.store_id]
        return answer

    def _write(self, line: MovementAsked, stock: Stock) -> MovementAnswer:
        at = line.variant_id, line.store_id
        if at not in self.places:
            place = self.places[at] = place_of(stock, line.store_id)
            self.standing[at] = _Standing(number_of(place), place.counted_at)
        before, counts = self.standing[at], line.reason == Reason.COUNT
        occurred_at = line.occurred_at or self._after(before, counts)
        latest = counts and self._is_latest(line, occurred_at)
        standing = self._with(line, occurred_at, latest)
        if line.store_id is None and standing.number < min(before.number, 0):
            text = gettext("The web never sells below zero. Nothing was recorded for it.")
            return MovementAnswer(line.key, "refused", "below_zero", text)
        if abs(standing.number) > MAX_COUNT:
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
            books=before.number if counts else None,
            occurred_at=occurred_at,
            author=self.by,
            via=self.via,
            note=line.note,
            key=line.key,
            created_at=self.moment,
        )
        self.rows.append(row)
        self.known[line.key] = row
        if latest:
            self.counted.add(at)
        return MovementAnswer(line.key, "recorded")

    def _after(self, before: _Standing, counts: bool) -> dt.datetime:
        """When a line happened that does not say so: now, and after what was counted ahead of us."""
        if before.since is None:
            return self.moment
        return max(self.moment, before.since + INSTANT if counts else before.since)

    def _is_latest(self, line: MovementAsked, occurred_at: dt.datetime) -> bool:
        """Whether no count of its place is later; of one moment the greater key is (docs/stock.md)."""
        since = self.standing[line.variant_id, line.store_id].since
        if since is None or occurred_at != since:
            return since is None or occurred_at > since
        at = line.variant_id, line.store_id
        counts = StockMovement.objects.filter(variant=line.variant_id, store=line.store_id)
        written = counts.filter(reason=Reason.COUNT, occurred_at=since)
        told = [
            row.key
            for row in self.rows
            if (row.variant_id, row.store_id) == at
            and row.counted is not None
            and row.occurred_at == since
        ]
        return all(
            (key or "") <= line.key for key in (*written.values_list("key", flat=True), *told)
        )

    def _with(self, line: MovementAsked, occurred_at: dt.datetime, latest: bool) -> _Standing:
        """What the place of a line comes to with it; a query for a count that is the latest."""
        at = line.variant_id, line.store_id
        number, since = self.standing[at]
        if line.counted is None:
            counts = since is None or occurred_at >= since
            return _Standing(number + line.delta if counts else number, since)
        if not latest:
            return _Standing(number, since)
        later = moved_since(line.variant_id, line.store_id, occurred_at)
        told = [row for row in self.rows if (row.variant_id, row.store_id) == at]
        later += sum(row.delta for row in told if row.occurred_at >= occurred_at)
        return _Standing(line.counted + later, occurred_at)

    def finish(self) -> list[MovementAnswer]:
        """Insert the rows, write the places' numbers and what they mean, and complete the answers."""
        StockMovement.objects.bulk_create(self.rows)
        for at in sorted(self.places, key=lambda at: (at[0], at[1] or 0)):
            self._settle(at)
        refresh_web(*(self.stock[variant] for variant in sorted({at[0] for at in self.places})))
        places = {row.key: (row.variant_id, row.store_id) for row in self.known.values()}
        return [
            answer._replace(on_hand=self._on_hand(places[answer.key]))
            if answer.outcome != "refused"
            else answer
            for answer in self.answers
        ]

    def _settle(self, at: At) -> None:
        place, (variant_id, store_id) = self.places[at], at
        number = self.standing[at].number
        if at in self.counted:
            number, place.counted_at = standing_in_books(variant_id, store_id)
            if store_id is not None:
                settle_discrepancy(variant_id, store_id, self.by, self.moment)
        write_number(self.stock[variant_id], place, number)

    def _on_hand(self, at: At) -> int:
        if at not in self.places:
            self.places[at] = place_of(self.stock[at[0]], at[1])
        return number_of(self.places[at])


class _Named(NamedTuple):
    """The product of each variant, and the stores that products name."""

    products: dict[int, int]
    stores: dict[int, list[int]]

    def takes(self, line: MovementAsked, *, by_store: bool) -> bool:
        """Whether a line may be told of its store: pieces come to where they are handed over.

        Where they are not any more they can still go, and be counted down to nothing.
        """
        named = self.stores.get(self.products[line.variant_id])
        if line.store_id is None or not named or line.store_id in named:
            return True
        if not by_store:
            return False
        levels = StockLevel.objects.filter(variant=line.variant_id, store=line.store_id)
        return not line.counted and line.delta <= 0 and levels.exists()


def _own_variants(merchant: Merchant, lines: Iterable[MovementAsked]) -> dict[int, int]:
    """The product of each variant of the merchant's own."""
    wanted = {line.variant_id for line in lines}
    rows = Variant.objects.filter(pk__in=wanted, product__merchant=merchant)
    return dict(rows.values_list("pk", "product_id"))


def _give_rows(variant_ids: Iterable[int]) -> None:
    """A stock row for each variant: without one it has no pieces, as with a row that says 0."""
    rows = [Stock(variant_id=pk, available=0) for pk in sorted(variant_ids)]
    Stock.objects.bulk_create(rows, ignore_conflicts=True)


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
    elif not line.delta:
        text = gettext("Nothing changes by zero pieces. Send by how many it changed.")
    elif line.reason in GAINS and line.delta < 0:
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
def change_level(*, level: StockLevel, safety: int, sells_online: bool) -> StockLevel:
    """Say what of a store's pieces the web may sell.

    Locks the stock row. Outbox "stock.turned". Raises InvalidInput, NotByStore.
    """
    stock = lock_stock([level.variant_id])[level.variant_id]
    if not stock.by_store:
        raise NotByStore
    level.refresh_from_db()
    level.safety, level.sells_online, level.updated_at = safety, sells_online, now()
    if problems := field_problems(level, exclude=("variant", "store", "merchant")):
        raise InvalidInput(fields=problems)
    level.save(update_fields=["safety", "sells_online", "updated_at"])
    refresh_web(stock)
    return level


def _require_own(merchant: Merchant, variant_id: int, stores: set[int]) -> None:
    own = Variant.objects.filter(pk=variant_id, product__merchant=merchant).exists()
    if not own or Store.objects.filter(merchant=merchant, pk__in=stores).count() != len(stores):
        raise NotFound
