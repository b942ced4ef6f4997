"""What somebody sees of a store's day: one answer for page, file and API.

Who redeems sees the list, and amounts of the own redemptions alone: nobody can add up a colleague.
Who may see what was sold sees every figure; the list also with the right to see redemptions.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import get_language

from kernel.clock import now
from kernel.http.badges import Badge
from orders.sold import Sold, sold_for_store
from stores.access import access_store_with_any, right_missing
from stores.models import Store
from stores.rights import Right
from vouchers.day import (
    TAIL,
    DayFigures,
    Figures,
    day_span,
    figures_of_day,
    mark_of_day,
    night_before,
    redemptions_of_day,
    search_redemptions,
)
from vouchers.models import Redemption
from vouchers.presentation import standing_badge
from vouchers.services.redeem import mask_name

WORDS_LENGTH = 60
LONGEST_NIGHT = dt.timedelta(days=7)
"""How far back "since the last guest" reaches at most."""


class Asked(NamedTuple):
    """A day of a store, and what of its list."""

    day: dt.date
    clerk_id: int | None = None
    device_id: int | None = None
    words: str = ""


class Viewer(NamedTuple):
    """Somebody at a store, with the rights held there."""

    user_id: int
    store: Store
    rights: frozenset[Right]

    @property
    def redeems(self) -> bool:
        """Whether they work at the counter."""
        return Right.REDEEM in self.rights

    @property
    def sees_list(self) -> bool:
        """Whether single redemptions are shown."""
        return not self.rights.isdisjoint({Right.REDEEM, Right.SEE_VOUCHERS})

    @property
    def sees_sales(self) -> bool:
        """Whether what others redeemed and what was sold is shown in money."""
        return Right.SEE_SALES in self.rights

    def show(self, redemption: Redemption) -> DayRow:
        """A row of `see_rows` as this viewer is shown it."""
        own = redemption.staff_id == self.user_id
        return show_row(redemption, with_amount=self.sees_sales or own)


class DayView(NamedTuple):
    """What the viewer may know of the day. ``total`` is of what was asked for, None where hidden."""

    figures: DayFigures
    own: Figures
    total: Figures | None


def access_day(*, user: Any, store_id: int) -> Viewer:
    """Who looks at the day of which store. Raises NotFound for who has no right to see any of it."""
    seat = access_store_with_any(
        user=user, store_id=store_id, rights={Right.REDEEM, Right.SEE_SALES}
    )
    return Viewer(user.pk, *seat)


def see_day(viewer: Viewer, asked: Asked) -> DayView:
    """The figures of the day as far as the viewer may know them; one query."""
    figures = figures_of_day(viewer.store, asked.day)
    own = figures.of(clerk_id=viewer.user_id)
    if not viewer.sees_sales:
        return DayView(figures, own, None)
    return DayView(figures, own, figures.of(clerk_id=asked.clerk_id, device_id=asked.device_id))


def see_rows(viewer: Viewer, asked: Asked) -> QuerySet[Any]:
    """The redemptions that were asked for, none for who sees figures only; not read yet."""
    rows = redemptions_of_day(viewer.store, asked.day)
    if not viewer.sees_list:
        return rows.none()
    if asked.clerk_id is not None:
        rows = rows.filter(staff=asked.clerk_id)
    if asked.device_id is not None:
        rows = rows.filter(device=asked.device_id)
    return search_redemptions(rows, asked.words)


def see_sold(viewer: Viewer, day: dt.date) -> Sold:
    """What was sold since the store's last guest before the day until it began, and is still to come.

    The day begins when the store opens; where its hours do not say, with its first guest. Raises
    RightMissing for who may not see sales.
    """
    if not viewer.sees_sales:
        raise right_missing(Right.SEE_SALES)
    start, end = day_span(viewer.store, day)
    earliest = start - LONGEST_NIGHT
    last, woke = night_before(viewer.store, day)
    since = max(last or earliest, earliest)
    return sold_for_store(store=viewer.store, since=since, until=min(woke or end, now()))


def mark_of(viewer: Viewer, asked: Asked, *more: object) -> str:
    """What changes when the page of this viewer would, for polls; one query. ``more`` is shown beside the day."""
    parts = (mark_of_day(viewer.store, asked.day), viewer.user_id, sorted(viewer.rights))
    text = repr((*parts, asked, get_language(), *more))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class DayRow(NamedTuple):
    """A redemption as it is shown. ``amount_fen`` is None where it is not for the viewer."""

    redemption: Any
    standing: Badge
    guest: str
    amount_fen: int | None

    @property
    def tail(self) -> str:
        """The last digits of the voucher's code."""
        code: str = self.redemption.voucher.code
        return code[-TAIL:]


def show_row(redemption: Any, *, with_amount: bool) -> DayRow:
    """A row of `redemptions_of_day` as the counter may show it; no query."""
    return DayRow(
        redemption,
        standing_badge(redemption.standing, value_fen=redemption.value_fen),
        mask_name(redemption.voucher.owner.display_name),
        redemption.value_fen if with_amount else None,
    )
