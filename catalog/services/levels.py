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

from catalog.errors import NotByStore, NotHandedOver, TooManyPieces
from catalog.models import Stock, StockLevel, StockMovement
from catalog.services.by_store import keep_by_store
from catalog.services.movement_rows import (
    NewMovement,
    Said,
    insert_movements,
    own_stores,
    own_variants,
    said_before,
)
from catalog.services.places import (
    INSTANT,
    Place,
    hold_new_places,
    hold_shops,
    lock_stock,
    moved_since,
    number_of,
    place_of,
    refresh_web,
    settle_discrepancy,
    standing_in_books,
    write_number,
)
from kernel.bounds import MAX_COUNT, is_whole, validate_line
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from kernel.plaintext import check_readable
from stores.models import Merchant

Reason = StockMovement.Reason
MOST_LINES = 100
MOST_AHEAD = dt.timedelta(hours=1)
"""So far may the clock of a till be ahead of ours; what it tells then has happened by now."""
GAINS = frozenset({Reason.RECEIVED, Reason.GIVEN_BACK, Reason.RETURN})
LOSSES = frozenset({Reason.SOLD, Reason.LOSS})
AT_THE_COUNTER = frozenset({Reason.RECEIVED, Reason.SOLD, Reason.GIVEN_BACK, Reason.COUNT})
"""What whoever counts and receives at a store may tell; the rest corrects the books."""
TOLD = (*sorted(GAINS), *sorted(LOSSES), Reason.CORRECTION, Reason.COUNT)
"""What can be reported; a transfer has two ends and a service of its own."""


class MovementAsked(NamedTuple):
    """One line: what happened to a variant at a store (None: to the web's number), and when.

    ``key`` is the reporter's own name for it: told twice, it counts once. ``is_ahead`` is set here,
    of a line whose time is not that of its clock, which is ahead of ours.
    """

    variant_id: int
    store_id: int | None
    reason: str
    key: str
    delta: int = 0
    counted: int | None = None
    occurred_at: dt.datetime | None = None
    note: str = ""
    is_ahead: bool = False


At = tuple[int, int | None]
"""A place by its keys: variant, and store or None for the web."""


class MovementAnswer(NamedTuple):
    """What became of a line: recorded, known (told before), or refused with a code and a sentence.

    A line that is recorded has a code and a sentence where its clock is ahead of ours.
    """

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
    web_pieces_to: int | None = None,
) -> list[MovementAnswer]:
    """Write what is new of ``lines``, in one transaction, and answer each in its place.

    ``stores`` are those of the merchant that ``by`` may speak for (None: all, and the web's number);
    ``via`` names the API key. What counts is each line's own time, so lines may come late and in
    any order (docs/stock.md); a line without one happens now, after the latest count, and one whose
    clock is ahead of ours happens now. A store's level may fall below zero: that opens a
    discrepancy. A count settles the one of its place. With ``start`` a variant of a line that is
    recorded at a store is counted by store from now on. Holds the stores that get their first
    level, then locks the stock rows of the variants, ascending. Outbox "stock.turned", "stock.low".
    Raises InvalidInput for more lines than `MOST_LINES`, NotFound for that store of somebody else.
    """
    if len(lines) > MOST_LINES:
        text = gettext("Send at most %(count)d lines a call.") % {"count": MOST_LINES}
        raise InvalidInput(fields={"lines": [text]})
    if web_pieces_to is not None and not own_stores(merchant.pk, [web_pieces_to]):
        raise NotFound
    reach = None if stores is None else frozenset(stores)
    named = own_variants(merchant.pk, (line.variant_id for line in lines))
    shops = own_stores(merchant.pk, {line.store_id for line in lines if line.store_id is not None})
    places = [(line.variant_id, line.store_id) for line in lines if line.store_id in shops]
    keys = [line.key for line in lines if not _unreadable(line.key)]
    while True:
        try:
            with transaction.atomic():
                if start:
                    hold_shops(merchant.pk)
                    _give_rows(named)
                else:
                    hold_new_places(places)
                stock = lock_stock(named)
                known = said_before(merchant.pk, keys)
                moment = now()  # not before: who held the lock may have written later ones
                run = _Run(merchant, by, via, moment, stock, known, named, start, web_pieces_to)
                ours = _our_times(lines, moment)
                for line in lines:
                    fault = _fault(line, moment)
                    if line.occurred_at in ours:
                        line = line._replace(occurred_at=ours[line.occurred_at], is_ahead=True)
                    run.take(line, fault if fault[0] else _not_there(line, named, shops, reach))
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
        known: dict[str, Said],
        named: Mapping[int, frozenset[int]],
        start: bool,
        web_pieces_to: int | None,
    ) -> None:
        self.merchant, self.by, self.via, self.moment = merchant, by, via, moment
        self.stock, self.known, self.named, self.start = stock, known, named, start
        self.web_pieces_to = web_pieces_to
        self.answers: list[MovementAnswer] = []
        self.places: dict[At, Place] = {}
        self.standing: dict[At, _Standing] = {}
        self.counted: set[At] = set()
        """The places whose latest count is a line of this call."""
        self.rows: list[NewMovement] = []

    def take(self, line: MovementAsked, refused: tuple[str, str]) -> None:
        """Answer one line, and remember what it writes."""
        self.answers.append(self._judge(line, refused))

    def _judge(self, line: MovementAsked, refused: tuple[str, str]) -> MovementAnswer:
        if refused[0]:
            return MovementAnswer(line.key, "refused", *refused)
        before = self.known.get(line.key)
        if before is not None:
            if before == _said(line):
                return MovementAnswer(line.key, "known")
            text = gettext("This key was used for another movement. Nothing was recorded for it.")
            return MovementAnswer(line.key, "refused", "key_reused", text)
        stock = self.stock.get(line.variant_id)
        by_store = stock is not None and stock.by_store
        if not self._takes(line, by_store=by_store):
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

    def _takes(self, line: MovementAsked, *, by_store: bool) -> bool:
        """Whether a line may be told of its store: pieces come to where they are handed over.

        Where they are not any more they can still go, and be counted down to nothing.
        """
        named = self.named[line.variant_id]
        if line.store_id is None or not named or line.store_id in named:
            return True
        if not by_store:
            return False
        levels = StockLevel.objects.filter(variant=line.variant_id, store=line.store_id)
        return not line.counted and line.delta <= 0 and levels.exists()

    def _begin(self, line: MovementAsked, stock: Stock) -> MovementAnswer:
        """Count the variant by store and record the line; neither where the line is refused."""
        target = self.web_pieces_to
        takes = self.named[stock.pk]
        if target is not None and (target == line.store_id or (takes and target not in takes)):
            text = gettext("The web's pieces go to another store that hands the product over.")
            return MovementAnswer(line.key, "refused", NotHandedOver.code, text)
        with transaction.atomic():
            self.stock[stock.pk] = keep_by_store(variant_id=stock.pk, by=self.by, store_id=target)
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
        row = NewMovement(
            line.variant_id,
            line.store_id,
            line.reason,
            0 if counts else line.delta,
            line.counted if counts else None,
            before.number if counts else None,
            occurred_at,
            line.note,
            line.key,
        )
        self.rows.append(row)
        self.known[line.key] = row.said
        if latest:
            self.counted.add(at)
        if line.is_ahead:
            text = gettext("Its time was ahead of ours: it was recorded as of now. Set the clock.")
            return MovementAnswer(line.key, "recorded", "clock_ahead", text)
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
        insert_movements(
            self.rows,
            merchant_id=self.merchant.pk,
            author_id=None if self.by is None else self.by.pk,
            via=self.via,
            created_at=self.moment,
        )
        for at in sorted(self.places, key=lambda at: (at[0], at[1] or 0)):
            self._settle(at)
        refresh_web(*(self.stock[variant] for variant in sorted({at[0] for at in self.places})))
        return [
            answer._replace(on_hand=self._on_hand(self.known[answer.key][:2]))
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


def _give_rows(variant_ids: Iterable[int]) -> None:
    """A stock row for each variant: without one it has no pieces, as with a row that says 0."""
    rows = [Stock(variant_id=pk, available=0) for pk in sorted(variant_ids)]
    Stock.objects.bulk_create(rows, ignore_conflicts=True)


def _said(line: MovementAsked) -> Said:
    """What a line says under its key; its time may be told anew."""
    return Said(line.variant_id, line.store_id, line.reason, line.counted, line.delta)


def _not_there(
    line: MovementAsked, own: Mapping[int, Any], shops: frozenset[int], reach: frozenset[int] | None
) -> tuple[str, str]:
    there = line.variant_id in own and (line.store_id is None or line.store_id in shops)
    if not there or (reach is not None and line.store_id not in reach):
        return NotFound.code, str(NotFound.message)
    return "", ""


def _our_times(lines: Iterable[MovementAsked], moment: dt.datetime) -> dict[Any, dt.datetime]:
    """Now, in place of the times that are ahead of us, but no further than clocks may be.

    They keep their order: who sold a piece and then counted has not counted it.
    """
    said = {line.occurred_at for line in lines if line.occurred_at is not None}
    ahead = sorted(time for time in said if moment < time <= moment + MOST_AHEAD)
    return {time: moment - INSTANT * back for back, time in enumerate(reversed(ahead))}


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
    if text.isascii() and text.isprintable() and not text.isspace():
        return ""  # as nearly all are
    try:
        validate_line(text)
        check_readable(text)
    except ValidationError as error:
        return error.messages[0]
    return ""
