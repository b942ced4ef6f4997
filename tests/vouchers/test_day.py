"""A store's day at the counter: what belongs to it, what it comes to, and what that is read from."""

from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from kernel.clock import at, now
from payments.models import Account, LedgerEntry, Purpose
from stores.models import Device, Store
from tests.factories import Cast, make_product, make_staff, make_store, make_user
from tests.vouchers.counter import sell, sell_one
from vouchers import day as days
from vouchers.day import figures_of_day, mark_of_day, redemptions_of_day, search_redemptions
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher, undo_redemption
from vouchers.services.refund import return_redeemed

HOUR = dt.timedelta(hours=1)


def of_ledger(rows: list[Redemption]) -> dict[str, int]:
    """What the ledger has moved for these redemptions: to the merchant, off it again, given back."""

    def moved(keys: list[str], account: str) -> int:
        entries = LedgerEntry.objects.filter(
            transaction__key__in=keys, account=account, purpose=Purpose.VALUE
        )
        return entries.aggregate(sum=Sum("amount_fen", default=0))["sum"]

    returns = [f"return:{pk}" for row in rows for pk in row.returns.values_list("pk", flat=True)]
    return {
        "redeemed": -moved([f"redeem:{row.pk}" for row in rows], Account.PENDING),
        "undone": moved([f"undo:{row.pk}" for row in rows], Account.PENDING),
        "returned": moved(returns, Account.PAYABLE),
    }


def card_of(people: Cast, price_fen: int = 10000, uses: int = 3) -> Voucher:
    product = make_product(
        merchant=people.merchant, kind="times_card", uses=uses, price_fen=price_fen
    )
    return sell_one(product, buyer=people.buyer)


def test_the_sums_of_a_day_are_those_of_the_ledger(people: Cast) -> None:
    """Undone, in part, given back, by two clerks on two devices, at two stores: to the fen."""
    second = make_staff(people.store)
    till = Device.objects.create(store=people.store, merchant=people.merchant, name="Till 1")
    card, other = card_of(people), card_of(people, price_fen=7777, uses=5)

    def redeem(voucher: Voucher, **asked: object) -> Redemption:
        asked = {"staff": people.clerk, "store_id": people.store.pk, **asked}
        return redeem_voucher(code=voucher.code, **asked)  # type: ignore[arg-type]

    redeem(card, uses=2)
    given_back = redeem(other, uses=3, staff=second, device=till)
    undone = redeem(card, staff=second)
    undo_redemption(staff=second, redemption_id=undone.pk)
    redeem(card, staff=second, device=till)
    elsewhere = redeem(other, staff=people.owner, store_id=people.other_store.pk)
    return_redeemed(redemption_id=given_back.pk, uses=1, requested_by=people.operator)

    for store in (people.store, people.other_store):
        today = store.local_day(now())
        rows = list(Redemption.objects.filter(store=store))
        figures, ledger = figures_of_day(store, today), of_ledger(rows)
        total = figures.total
        assert total.value_fen + total.undone_fen == ledger["redeemed"] > 0
        assert total.undone_fen == ledger["undone"]
        assert total.returned_fen == ledger["returned"]
        assert total.kept_fen == ledger["redeemed"] - ledger["undone"] - ledger["returned"]
        for shares in (figures.clerks(), figures.devices()):
            assert sum(share.figures.kept_fen for share in shares) == total.kept_fen
    assert figures_of_day(people.other_store, today).total.value_fen == elsewhere.value_fen

    figures = figures_of_day(people.store, today)
    total, own = figures.total, figures.of(clerk_id=second.pk)
    assert (total.redemptions, total.uses, total.kept_uses) == (3, 6, 5)
    assert (total.undone, total.undone_uses) == (1, 1) == (own.undone, own.undone_uses)
    assert (own.redemptions, own.uses, own.returned_uses) == (2, 4, 1)
    assert figures.of(clerk_id=people.clerk.pk).undone == 0
    assert [share.pk for share in figures.devices() if share.name == "Till 1"] == [till.pk]
    assert figures.of(clerk_id=second.pk, device_id=till.pk).uses == 4
    assert total.pieces == 1  # the first card; of the other two uses are left


def test_a_shift_is_from_the_first_redemption_of_a_clerk_to_the_last(people: Cast) -> None:
    card = card_of(people, uses=4)
    start, _end = days.day_span(people.store, people.store.local_day(now() + 30 * HOUR))
    for hours, staff in (
        (9, people.clerk),
        (11, people.clerk),
        (14, people.clerk),
        (15, people.owner),
    ):
        with at(start + hours * HOUR):
            redeem_voucher(staff=staff, store_id=people.store.pk, code=card.code)
    shares = figures_of_day(people.store, people.store.local_day(start)).clerks()
    shifts = {share.pk: (share.figures.first_at, share.figures.last_at) for share in shares}
    assert shifts == {
        people.clerk.pk: (start + 9 * HOUR, start + 14 * HOUR),
        people.owner.pk: (start + 15 * HOUR, start + 15 * HOUR),
    }


def zoned(people: Cast, zone: str) -> Store:
    store = make_store(merchant=people.merchant)
    Store.objects.filter(pk=store.pk).update(time_zone=zone)
    store.refresh_from_db()
    return store


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Shanghai", dt.date(2027, 3, 14), 24),
        ("America/New_York", dt.date(2027, 3, 14), 23),
        ("America/New_York", dt.date(2027, 11, 7), 25),
    ],
)
def test_a_day_is_the_stores_from_midnight_to_midnight(
    people: Cast, zone: str, day: dt.date, hours: int
) -> None:
    """Also on the days that clocks make shorter and longer; a minute to midnight is not the next."""
    store = zoned(people, zone)
    start, end = days.day_span(store, day)
    assert end - start == dt.timedelta(hours=hours)
    assert start.astimezone(ZoneInfo(zone)).time() == dt.time()
    with at(start - dt.timedelta(days=5)):
        card = card_of(people, uses=4)
    minute = dt.timedelta(minutes=1)
    made = []
    for moment in (start - minute, start, end - minute, end):
        with at(moment):
            made.append(redeem_voucher(staff=people.owner, store_id=store.pk, code=card.code))
    inside = {made[1].pk, made[2].pk}
    assert {row.pk for row in redemptions_of_day(store, day)} == inside
    total = figures_of_day(store, day).total
    assert (total.redemptions, total.first_at, total.last_at) == (2, start, end - minute)
    for beside in (day - dt.timedelta(days=1), day + dt.timedelta(days=1)):
        assert figures_of_day(store, beside).total.redemptions == 1


def test_what_a_device_tells_later_belongs_to_the_day_it_happened(people: Cast) -> None:
    card = card_of(people)
    start, _end = days.day_span(people.store, people.store.local_day(now() + 30 * HOUR))
    before = start - HOUR
    with at(start + HOUR):
        redeem_voucher(
            staff=people.clerk,
            store_id=people.store.pk,
            code=card.code,
            nonce="till-1",
            occurred_at=before,
        )
    yesterday, today = (people.store.local_day(moment) for moment in (before, start))
    assert figures_of_day(people.store, yesterday).total.uses == 1
    assert figures_of_day(people.store, today).total == days.Figures()


def test_a_day_is_searched_by_what_the_counter_shows_of_it(people: Cast) -> None:
    guest = make_user(display_name="Alice Chen")
    soup = make_product(merchant=people.merchant, title_en="Dumpling soup", title_zh="馄饨汤")
    tea = make_product(merchant=people.merchant, title_en="Jasmine pot", title_zh="茉莉花茶")
    first, second = sell_one(soup, buyer=guest), sell_one(tea, buyer=people.buyer)
    for voucher in (first, second):
        redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)
    rows = redemptions_of_day(people.store, people.store.local_day(now()))

    def found(words: str) -> set[int]:
        return {row.voucher_id for row in search_redemptions(rows, words)}

    assert found("") == {first.pk, second.pk}
    assert found(first.code[8:]) == found(f"•••• {first.code[8:]}"[5:]) >= {first.pk}
    assert found(" ".join((first.code[:4], first.code[4:8], first.code[8:]))) >= {first.pk}
    assert found("dumpling") == found("馄饨") == {first.pk}
    assert found("A*** C***") == {first.pk}
    assert found("nothing-like-it") == set()
    assert (
        found("Alice") == found("Chen") == found("A*** X***") == set()
    )  # nobody learns names here
    assert found("(") == set() and found("%") == set()


def test_the_mark_of_a_day_changes_with_whatever_happens(people: Cast) -> None:
    today = people.store.local_day(now())
    seen = [mark_of_day(people.store, today)]
    card = card_of(people)
    redemption = redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=card.code)
    seen.append(mark_of_day(people.store, today))
    undo_redemption(staff=people.clerk, redemption_id=redemption.pk)
    seen.append(mark_of_day(people.store, today))
    again = redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=card.code, uses=2)
    seen.append(mark_of_day(people.store, today))
    with at(again.undo_until):
        seen.append(mark_of_day(people.store, today))
    return_redeemed(redemption_id=again.pk, uses=1, requested_by=people.operator)
    seen.append(mark_of_day(people.store, today))
    assert len(set(seen)) == len(seen)
    assert mark_of_day(people.store, today) == seen[-1]


def test_a_day_among_100000_redemptions_is_read_by_its_index(
    people: Cast, loose_books: None
) -> None:
    (voucher, *_others) = sell(make_product(merchant=people.merchant), buyer=people.buyer)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO vouchers_redemption (voucher_id, merchant_id, store_id, staff_id,"
            " first_use, uses, value_fen, redeemed_at, occurred_at, undo_until, returned_uses)"
            " SELECT %s, %s, %s, %s, i, 1, 100, at, at, at, 0 FROM generate_series(1, 100000) i,"
            " LATERAL (SELECT now() - i * interval '5 minutes' AS at) times",
            [voucher.pk, people.merchant.pk, people.store.pk, people.clerk.pk],
        )
        cursor.execute("ANALYZE vouchers_redemption")
    day = people.store.local_day(now()) - dt.timedelta(days=40)
    with CaptureQueriesContext(connection) as asked:
        figures = figures_of_day(people.store, day)
        rows = list(redemptions_of_day(people.store, day).order_by("-id")[:50])
        mark_of_day(people.store, day)
        days.night_before(people.store, day)
    assert figures.total.redemptions == 288 and len(rows) == 50 and len(asked) == 4
    with connection.cursor() as cursor:
        for query in asked:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {query['sql']}")
            plan = json.dumps(cursor.fetchone()[0])
            assert "redemption_store_moment" in plan, plan
            assert '"Seq Scan", "Relation Name": "vouchers_redemption"' not in plan
