"""A store's day at the counter: its redemptions, and what they come to.

A redemption belongs to the day on which it happened (``occurred_at``) by the store's clocks, also
where a device without a network told it later. Every page, list and file takes its figures from
`figures_of_day`: one query, whatever is asked of them afterwards.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from kernel.bounds import FIRST_DAY, LAST_DAY
from kernel.clock import day_bounds, now
from kernel.db.prepared import Prepared
from kernel.plaintext import fold_typography
from stores.hours import opening_on
from stores.models import Store
from vouchers.codes import CODE_LENGTH, typed_digits
from vouchers.models import Redemption, VoucherReturn
from vouchers.states import with_state

LATEST = 4
TAIL = 4
"""How many digits of a code are told to others than its owner, and found by them."""
SEARCH_WORDS = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """What redemptions come to. Undone ones stand apart and are in no other figure.

    ``value_fen`` is the gross value of what was redeemed; ``returned_*`` is what after-sales gave
    back of it since. ``pieces`` are those of stock: a piece counts when the last of its uses is
    redeemed.
    ``first_at`` and ``last_at`` are the first and the last redemption, undone ones too.
    """

    redemptions: int = 0
    uses: int = 0
    pieces: int = 0
    value_fen: int = 0
    returned_uses: int = 0
    returned_fen: int = 0
    undone: int = 0
    undone_uses: int = 0
    undone_fen: int = 0
    first_at: dt.datetime | None = None
    last_at: dt.datetime | None = None

    @property
    def kept_uses(self) -> int:
        """The uses that stand, less what was given back."""
        return self.uses - self.returned_uses

    @property
    def kept_fen(self) -> int:
        """The value that stands, less what was given back: what the ledger owes for the day."""
        return self.value_fen - self.returned_fen

    def __add__(self, other: Figures) -> Figures:
        sums = {name: getattr(self, name) + getattr(other, name) for name in _COUNTS}
        firsts = [at for at in (self.first_at, other.first_at) if at]
        lasts = [at for at in (self.last_at, other.last_at) if at]
        return Figures(**sums, first_at=min(firsts, default=None), last_at=max(lasts, default=None))


_COUNTS = [each.name for each in fields(Figures) if not each.name.endswith("_at")]


@dataclass(frozen=True, slots=True)
class Share:
    """The figures of one clerk, or of one device; a device of None is none of the enrolled ones."""

    pk: int | None
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class _Cell:
    """What one clerk redeemed on one device."""

    clerk: tuple[int, str]
    device: tuple[int | None, str]
    figures: Figures


@dataclass(frozen=True, slots=True)
class DayFigures:
    """A store's day in figures, by clerk and device."""

    cells: list[_Cell] = field(default_factory=list)

    @property
    def total(self) -> Figures:
        """The whole day."""
        return self.of()

    def of(self, *, clerk_id: int | None = None, device_id: int | None = None) -> Figures:
        """What this clerk redeemed, and on this device; None: all of them."""
        chosen = (
            cell.figures
            for cell in self.cells
            if clerk_id in (None, cell.clerk[0]) and device_id in (None, cell.device[0])
        )
        return sum(chosen, Figures())

    def clerks(self) -> list[Share]:
        """By clerk: the shift of each, from the first redemption to the last; largest value first."""
        return self._by(lambda cell: cell.clerk)

    def devices(self) -> list[Share]:
        """By device; largest value first."""
        return self._by(lambda cell: cell.device)

    @property
    def has_devices(self) -> bool:
        """Whether anything was redeemed on an enrolled device."""
        return any(cell.device[0] for cell in self.cells)

    def _by(self, key: Callable[[_Cell], tuple[int | None, str]]) -> list[Share]:
        sums: dict[tuple[int | None, str], Figures] = {}
        for cell in self.cells:
            sums[key(cell)] = sums.get(key(cell), Figures()) + cell.figures
        shares = [Share(pk, name, figures) for (pk, name), figures in sums.items()]
        return sorted(shares, key=lambda row: (-row.figures.value_fen, row.name, row.pk or 0))


def day_span(store: Store, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The first moment of the store's day and of the next one."""
    return day_bounds(min(max(day, FIRST_DAY), LAST_DAY), store.zone)


def redemptions_of_day(store: Store, day: dt.date) -> QuerySet[Any]:
    """The redemptions of a store's calendar day with their state, undone ones too.

    Joined: voucher, its terms and owner, staff, device.
    """
    return _of_span(store.pk, *day_span(store, day), now())


def latest_of_day(store: Store, day: dt.date) -> list[Any]:
    """The last LATEST of `redemptions_of_day`, newest first: they stand below each scan."""
    return _LATEST_OF_SPAN.all(store.pk, *day_span(store, day), now())


def _of_span(
    store_id: int, start: dt.datetime, end: dt.datetime, moment: dt.datetime
) -> QuerySet[Any]:
    rows = Redemption.objects.filter(store=store_id, occurred_at__gte=start, occurred_at__lt=end)
    return with_state(rows, moment).select_related(
        "voucher__terms", "voucher__owner", "staff", "device"
    )


_LATEST_OF_SPAN = Prepared(
    lambda *values: _of_span(*values).order_by("-id"),
    *(int, dt.datetime, dt.datetime, dt.datetime),
    most=LATEST,
)


def search_redemptions(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """The redemptions that every word finds, by what the counter shows of them and nothing else.

    That is the last digits of the code (of a whole one its last TAIL), the title, and the guest's
    short name: a word of one letter, or of one letter and stars, finds the names with a part that
    begins so. Whole names are found by nobody here, for nobody here may learn them.
    """
    if len(digits := typed_digits(words)) == CODE_LENGTH:
        return rows.filter(voucher__code__endswith=digits[-TAIL:])
    for word in fold_typography(words).split()[:SEARCH_WORDS]:
        letter = word.rstrip("*")
        found = Q()
        if len(letter) == 1:
            found |= Q(voucher__owner__display_name__iregex=rf"(^|\s){re.escape(letter)}")
        if letter == word:
            found |= Q(voucher__terms__body__title_en__reads=word)
            found |= Q(voucher__terms__body__title_zh__reads=word)
            if len(digits := typed_digits(word)) == TAIL:
                found |= Q(voucher__code__endswith=digits)
        rows = rows.filter(found) if found else rows.none()
    return rows


def figures_of_day(store: Store, day: dt.date) -> DayFigures:
    """What a store's calendar day comes to, by clerk and device; one query."""
    start, end = day_span(store, day)
    live = Q(undone_at__isnull=True)
    given_back = VoucherReturn.objects.filter(redemption=OuterRef("pk")).order_by()
    returned_fen = given_back.values("redemption").annotate(fen=Sum("value_fen")).values("fen")
    sums = (
        Count("pk", filter=live),
        Sum("uses", filter=live, default=0),
        Sum(_pieces(), filter=live, default=0),
        Sum("value_fen", filter=live, default=0),
        Sum("returned_uses", filter=live, default=0),
        # Of nearly all redemptions nothing came back: nothing is looked up for them.
        Sum(
            Case(
                When(returned_uses__gt=0, then=Coalesce(Subquery(returned_fen), Value(0))),
                default=Value(0),
                output_field=BigIntegerField(),
            )
        ),
        Count("pk", filter=~live),
        Sum("uses", filter=~live, default=0),
        Sum("value_fen", filter=~live, default=0),
        Min("occurred_at"),
        Max("occurred_at"),
    )
    names = (each.name for each in fields(Figures))
    rows = (
        Redemption.objects.filter(store=store.pk, occurred_at__gte=start, occurred_at__lt=end)
        .order_by()
        .values_list("staff_id", "staff__display_name", "device_id", "device__name")
        .annotate(**{f"sum_{name}": each for name, each in zip(names, sums, strict=True)})
    )
    return DayFigures(
        [
            _Cell((clerk_id, clerk), (device_id, device or ""), Figures(*values))
            for clerk_id, clerk, device_id, device, *values in rows
        ]
    )


def _pieces() -> Any:
    """The pieces of stock whose last use a redemption took."""
    units = Cast("voucher__units", BigIntegerField())
    total = F("voucher__uses_total")
    return units * (F("first_use") + F("uses")) / total - units * F("first_use") / total


def mark_of_day(store: Store, day: dt.date) -> str:
    """A text that changes when anything of a store's day does; one query of the index alone.

    Open undo windows are in it: they close by the clock, without a write.
    """
    start, end = day_span(store, day)
    rows = Redemption.objects.filter(store=store.pk, occurred_at__gte=start, occurred_at__lt=end)
    facts = rows.aggregate(
        number=Count("pk"),
        last=Max("pk", default=0),
        undone=Count("pk", filter=Q(undone_at__isnull=False)),
        returned=Sum("returned_uses", default=0),
        open=Count("pk", filter=Q(undone_at__isnull=True, undo_until__gt=now())),
    )
    return "-".join(str(value) for value in facts.values())


def night_before(store: Store, day: dt.date) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The store's last redemption before its calendar day, and when it woke that day; one query.

    It wakes when it opens; where its hours do not say, with its first redemption. None where there is
    none. Undone ones do not count.
    """
    start, end = day_span(store, day)
    stands = Redemption.objects.filter(store=OuterRef("pk"), undone_at__isnull=True)
    moments = stands.values("occurred_at")
    found = (
        Store.objects.with_hours()
        .annotate(
            last=Subquery(moments.filter(occurred_at__lt=start).order_by("-occurred_at")[:1]),
            first=Subquery(
                moments.filter(occurred_at__gte=start, occurred_at__lt=end).order_by("occurred_at")[
                    :1
                ]
            ),
        )
        .get(pk=store.pk)
    )
    return found.last, opening_on(found, day) or found.first
