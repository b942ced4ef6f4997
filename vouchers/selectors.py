"""Reads of this room that span models; each is one query however long the tables are."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.http import QueryDict

from catalog.models import Picture
from kernel.bounds import FIRST_DAY, LAST_DAY
from kernel.clock import day_bounds, now
from kernel.db.prepared import Compiled, Prepared
from kernel.http.paging import PAGE_SIZE, ListPage, first_page, newest_page
from kernel.plaintext import fold_typography
from payments.models import Refund
from payments.wording import word_gateway
from stores.models import Store
from vouchers.codes import CODE_LENGTH, typed_digits
from vouchers.components import components_of
from vouchers.models import Rebate, Redemption, Voucher, VoucherComponent
from vouchers.outcome import with_returned
from vouchers.states import with_state
from vouchers.terms import Terms

LATEST = 4

WALLET_TABS: dict[str, tuple[str, ...]] = {
    "usable": (Voucher.State.ACTIVE,),
    "held": (Voucher.State.HELD,),
    "used": (Voucher.State.USED,),
    "refunding": (Voucher.State.REFUNDING, Voucher.State.REFUNDED),
    "expired": (Voucher.State.EXPIRED,),
    "revoked": (Voucher.State.REVOKED,),
}
STORES_SHOWN = 6
SEARCH_WORDS = 5
SEARCH_LENGTH = 100


class DayTotal(NamedTuple):
    """A store's day: the redemptions that stand, and their uses less what was given back."""

    redemptions: int
    uses: int


def wallet(owner_id: int) -> QuerySet[Voucher]:
    """The person's vouchers with what a ticket shows: terms, merchant, product, grant, ``cover``,
    the uses that were returned.

    ``last_use`` is the moment of the latest redemption that stands.
    """
    uses = Redemption.objects.filter(voucher=OuterRef("pk"), undone_at__isnull=True)
    pictures = Picture.objects.filter(product=OuterRef("product")).order_by("position", "id")
    return (
        with_returned(Voucher.objects.filter(owner_id=owner_id))
        .annotate(
            last_use=Subquery(uses.order_by("-occurred_at").values("occurred_at")[:1]),
            cover=Subquery(pictures.values("image")[:1]),
            cover_small=Subquery(pictures.values("small")[:1]),
        )
        .select_related("terms", "merchant", "product__category", "grant")
        .defer("merchant__story_en", "merchant__story_zh")
    )


def wallet_page(user: Any, tab: str, words: str, params: QueryDict) -> ListPage:
    """One page of a tab, newest first; "all" has no state. One query.

    Nearly all who look see the first page of a tab: its statement is compiled.
    """
    if tab in WALLET_TABS and not words and "cursor" not in params:
        return first_page(_FIRST_TICKETS[tab].all(user.pk), params)
    rows = search_wallet(wallet(user.pk), words)
    if tab in WALLET_TABS:
        rows = rows.filter(state__in=WALLET_TABS[tab])
    return newest_page(rows, params)


def _first_tickets(states: Sequence[str]) -> Compiled[Voucher]:
    return Compiled(
        lambda owner_id: wallet(owner_id).filter(state__in=states).order_by("-id"),
        int,
        most=PAGE_SIZE + 1,
    )


_FIRST_TICKETS = {tab: _first_tickets(states) for tab, states in WALLET_TABS.items()}


def wallet_counts(user: Any, words: str = "") -> dict[str, int]:
    """How many vouchers (that ``words`` find) are under each tab, and under "all"."""
    if words:
        rows = search_wallet(Voucher.objects.filter(owner_id=user.pk), words)
        found = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    else:
        with connection.cursor() as cursor:
            cursor.execute(*_STATES.sql(user.pk))
            found = dict(cursor.fetchall())
    counts = {tab: sum(found.get(s, 0) for s in states) for tab, states in WALLET_TABS.items()}
    return counts | {"all": sum(found.values())}


def _states(owner_id: int) -> QuerySet[Any]:
    rows = Voucher.objects.filter(owner_id=owner_id).order_by()
    return rows.values_list("state").annotate(Count("pk"))


_STATES = Compiled(_states, int)


def search_wallet(rows: QuerySet[Voucher], words: str) -> QuerySet[Voucher]:
    """The vouchers that every word finds: title, merchant, a store that takes it, order number.

    Twelve digits in any spelling find the voucher with that code. Reads the rows of one owner
    only, so it needs no index of words.
    """
    digits = typed_digits(words)
    if len(digits) == CODE_LENGTH and (found := rows.filter(code=digits)).exists():
        return found
    for word in fold_typography(words).split()[:SEARCH_WORDS]:
        rows = rows.filter(
            Q(terms__body__title_en__reads=word)
            | Q(terms__body__title_zh__reads=word)
            | Q(merchant__name_en__reads=word)
            | Q(merchant__name_zh__reads=word)
            | Q(order_number__icontains=word)
            | Exists(_stores_named(word))
        )
    return rows


class _Takes(Func):
    """Whether frozen terms let a store redeem: named among theirs, or none are named."""

    function = "jsonb_path_exists"
    output_field = BooleanField()
    path = "$.store_ids ? (@ == null || @ == $id)"

    def __init__(self, body: Any, store_id: Any) -> None:
        fact = Func(Value("id"), store_id, function="jsonb_build_object", output_field=JSONField())
        super().__init__(body, Value(self.path), fact)


def _stores_named(word: str) -> QuerySet[Store]:
    """The stores of this name that take the voucher of the outer query."""
    return Store.objects.filter(
        Q(name_en__reads=word) | Q(name_zh__reads=word),
        _Takes(OuterRef("terms__body"), F("pk")),
        merchant_id=OuterRef("merchant_id"),
    )


def stores_of(voucher: Voucher, terms: Terms) -> list[Store]:
    """The first STORES_SHOWN stores with their hours, and one more to tell that there are others."""
    stores = Store.objects.open_for_business().filter(merchant_id=voucher.merchant_id)
    if terms.store_ids is not None:
        stores = stores.filter(pk__in=terms.store_ids)
    return list(stores.select_related("merchant").with_hours().order_by("id")[: STORES_SHOWN + 1])


def redemptions_of(voucher: Voucher) -> list[Redemption]:
    """The voucher's redemptions, newest first, stores joined; undone ones too."""
    return list(
        Redemption.objects.filter(voucher_id=voucher.pk)
        .select_related("store")
        .order_by("-occurred_at", "-id")[:50]
    )


def refunds_of(voucher: Voucher) -> list[Refund]:
    """The refunds of a voucher, newest first; each says in ``back_fen`` what it gives for this one."""
    rows = Refund.objects.filter(parts__voucher=voucher.pk)
    return list(rows.annotate(back_fen=Sum("parts__amount_fen")).order_by("-id")[:20])


def gateways_of(voucher: Voucher) -> str:
    """Where the buyer's money goes back to, by name."""
    codes = dict.fromkeys(part.custodian for part in components_of(voucher) if part.is_received)
    return ", ".join(word_gateway(code) for code in codes)


def redemptions_of_day(store: Store, day: dt.date) -> QuerySet[Any]:
    """The redemptions of a store's calendar day with their state, undone ones too.

    The day on which they happened, whenever they were written down.
    Joined: voucher, terms, staff.
    """
    return _of_span(store.pk, *day_span(store, day), now())


def latest_of_day(store: Store, day: dt.date) -> list[Any]:
    """The last LATEST of `redemptions_of_day`, newest first: they stand below each scan."""
    return _LATEST_OF_SPAN.all(store.pk, *day_span(store, day), now())


def _of_span(
    store_id: int, start: dt.datetime, end: dt.datetime, moment: dt.datetime
) -> QuerySet[Any]:
    rows = Redemption.objects.filter(store=store_id, occurred_at__gte=start, occurred_at__lt=end)
    return with_state(rows, moment).select_related("voucher__terms", "staff")


_LATEST_OF_SPAN = Prepared(
    lambda *values: _of_span(*values).order_by("-id"),
    *(int, dt.datetime, dt.datetime, dt.datetime),
    most=LATEST,
)


def day_total(store: Store, day: dt.date) -> DayTotal:
    """Count the day's redemptions that stand and their uses, without what was undone or given back.

    One that was told later counts on the day on which it happened, as in `redemptions_of_day`.
    """
    start, end = day_span(store, day)
    rows = Redemption.objects.filter(store_id=store.pk, occurred_at__gte=start, occurred_at__lt=end)
    return DayTotal(*rows.sum_of_kept())


def day_span(store: Store, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The first moment of the store's day and of the next one."""
    return day_bounds(min(max(day, FIRST_DAY), LAST_DAY), store.zone)


def prices_by_payment(payment_ids: Iterable[int]) -> dict[int, int]:
    """Payment id → Σ fen that it brought in for vouchers: the third side of the reconciliation."""
    ids = list(payment_ids)
    paid = VoucherComponent.objects.filter(payment_id__in=ids).order_by()
    sums = Counter(dict(paid.values_list("payment_id").annotate(Sum("amount_fen"))))
    off = Rebate.objects.filter(component__payment_id__in=ids, refund__isnull=False).order_by()
    sums.update(dict(off.values_list("component__payment_id").annotate(Sum("amount_fen"))))
    return dict(sums)
