"""The store's day as each role sees it: page, file and API say the same, and no more than they may."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import StockLevel
from catalog.services.by_store import keep_by_store
from catalog.set_aside import with_set_aside
from console.day import Asked, access_day, see_sold
from kernel.clock import at, now
from members.models import User
from members.services.accounts import issue_token
from payments.models import Account, LedgerEntry, Statement
from payments.services.payouts import send_payout
from payments.services.settlement import settle_all
from stores.errors import RightMissing
from tests.factories import (
    Cast,
    make_paid_order,
    make_product,
    make_staff,
    make_user,
    offer_of,
    variant_of,
)
from tests.vouchers.counter import sell_one
from vouchers.day import day_span
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher, undo_redemption
from vouchers.services.refund import refund_voucher
from vouchers.services.release import release_due

HOUR = dt.timedelta(hours=1)


def browser(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def program(user: User) -> Client:
    return Client(headers={"authorization": f"Bearer {issue_token(user=user)}"})


def page(user: User, people: Cast, **query: Any) -> str:
    answer = browser(user).get(reverse("console_today", args=[people.store.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def api(user: User, people: Cast, what: str = "day", **query: Any) -> Any:
    answer = program(user).get(f"/api/v1/console/{what}", {"store": people.store.pk, **query})
    assert answer.status_code == 200, answer.content
    return answer.json()


def file(user: User, people: Cast, **query: Any) -> list[list[str]]:
    answer = browser(user).get(reverse("console_day_file", args=[people.store.pk]), query)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def redeem(people: Cast, staff: User, **fields: Any) -> Redemption:
    product = make_product(merchant=people.merchant, **fields)
    voucher = sell_one(product, buyer=make_user(display_name="Alice Chen"))
    return redeem_voucher(staff=staff, store_id=people.store.pk, code=voucher.code)


@pytest.fixture
def day(people: Cast) -> dict[str, Redemption]:
    """The clerk redeemed ¥12.34 and ¥5; a colleague ¥77.70, and undid ¥31."""
    second = make_staff(people.store)
    rows = {
        "own": redeem(people, people.clerk, price_fen=1234, title_en="Soup"),
        "more": redeem(people, people.clerk, price_fen=500, title_en="=Tea()"),
        "other": redeem(people, second, price_fen=7770, title_en="Hotpot"),
        "undone": redeem(people, second, price_fen=3100, title_en="Salad"),
    }
    undo_redemption(staff=second, redemption_id=rows["undone"].pk)
    return rows


def test_a_clerk_sees_the_list_and_the_own_shift_and_no_money_of_others(
    people: Cast, day: dict[str, Redemption]
) -> None:
    html = page(people.clerk, people)
    assert "Your shift" in html and "¥17.34" in html and "¥12.34" in html
    assert "Hotpot" in html and "¥77.70" not in html and "¥31" not in html
    assert "The whole day" not in html and "Sold while" not in html
    answer = api(people.clerk, people)
    assert answer["own"]["value_fen"] == 1734 and answer["own"]["uses"] == 2
    assert answer["total"] is answer["clerks"] is answer["devices"] is None
    values = {row["title"]: row["value_fen"] for row in answer["results"]}
    assert values == {"Soup": 1234, "=Tea()": 500, "Hotpot": None, "Salad": None}
    rows = file(people.clerk, people)
    assert {row[1]: row[6] for row in rows[1:]}["Hotpot"] == ""
    assert {row[1]: row[7] for row in rows[1:]}["Salad"] == "Undone"
    colleague = answer["results"][0]["redeemed_by"]
    other = day["other"].staff_id
    narrowed = api(people.clerk, people, clerk=other)
    assert narrowed["total"] is None and len(narrowed["results"]) == 2
    assert colleague and narrowed["own"]["value_fen"] == 1734


@pytest.mark.parametrize("role", ["owner", "manager", "reader"])
def test_who_may_see_sales_sees_every_figure(
    people: Cast, day: dict[str, Redemption], role: str
) -> None:
    user = people.owner if role == "owner" else make_staff(people.store, role=role)
    html = page(user, people)
    for text in ("The whole day", "¥95.04", "¥77.70", "Undone once", "By person", "Sold while"):
        assert text in html
    answer = api(user, people)
    total = answer["total"]
    assert (total["value_fen"], total["undone_fen"], total["redemptions"]) == (9504, 3100, 3)
    assert sum(share["figures"]["value_fen"] for share in answer["clerks"]) == 9504
    one = api(user, people, clerk=day["own"].staff_id)
    assert one["total"]["value_fen"] == 1734 and len(one["results"]) == 2
    links = reverse("console_result", args=[people.store.pk, day["own"].pk]) in html
    assert links == (role != "reader")


def test_finance_sees_figures_and_no_guest(people: Cast, day: dict[str, Redemption]) -> None:
    finance = make_staff(people.store, role="finance")
    html = page(finance, people)
    assert "¥95.04" in html and "Sold while" in html and "A***" not in html and "Soup" not in html
    answer = api(finance, people)
    assert answer["results"] == [] and answer["total"]["value_fen"] == 9504
    path = reverse("console_day_file", args=[people.store.pk])
    assert browser(finance).get(path).status_code == 403


def test_the_file_says_what_the_list_says_and_holds_no_formula(
    people: Cast, day: dict[str, Redemption]
) -> None:
    header, *rows = file(people.owner, people)
    assert len(header) == 11 and len(rows) == 4
    by_title = {row[1]: row for row in rows}
    assert "'=Tea()" in by_title and by_title["Soup"][6] == "12.34"
    tail = day["own"].voucher.code[-4:]
    assert by_title["Soup"][2:4] == [tail, "A*** C***"]
    assert len(file(people.owner, people, q="soup")) == 2
    assert file(people.owner, people, date="2020-02-02") == [header]


def test_a_search_narrows_the_list_and_says_when_it_finds_nothing(
    people: Cast, day: dict[str, Redemption]
) -> None:
    html = page(people.clerk, people, q="soup")
    assert "Soup" in html and "Hotpot" not in html
    none = page(people.clerk, people, q="nothing like it")
    assert "Nothing of this day matches" in none and "Show the whole day" in none
    chinese = browser(people.clerk).get(
        reverse("console_today", args=[people.store.pk]),
        {"q": "nothing like it"},
        headers={"accept-language": "zh-hans"},
    )
    assert "这一天没有符合的核销" in chinese.content.decode()


def test_a_poll_is_answered_only_when_something_happened(
    people: Cast, day: dict[str, Redemption]
) -> None:
    client = browser(people.owner)
    path = reverse("console_today", args=[people.store.pk])
    seen = client.get(path).context["seen"]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path, {"seen": seen}).status_code == 204
    assert len(asked) <= 8
    told, asked = program(people.owner), {"store": people.store.pk}
    etag = told.get("/api/v1/console/day", asked)["ETag"]
    again = {"if-none-match": etag}
    assert told.get("/api/v1/console/day", asked, headers=again).status_code == 304
    redeem(people, people.clerk)
    assert client.get(path, {"seen": seen}).status_code == 200
    assert told.get("/api/v1/console/day", asked, headers=again).status_code == 200


def test_a_poll_hears_what_the_books_and_other_stores_change(people: Cast) -> None:
    """Nothing of it touches a redemption of this day."""
    product = make_product(merchant=people.merchant, kind="times_card", uses=5)
    card = sell_one(product, buyer=people.buyer)
    mine = redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=card.code)
    today = people.store.local_day(mine.occurred_at)
    seen, etag = "", ""

    def is_news(*, page: bool = True) -> bool:
        nonlocal seen, etag
        path, query = reverse("console_today", args=[people.store.pk]), {"date": str(today)}
        changed = browser(people.owner).get(path, query | {"seen": seen})
        assert (changed.status_code == 200) is page
        seen = changed.context["seen"] if page else seen
        asked = {"store": people.store.pk, "day": str(today)}
        told = program(people.owner).get(
            "/api/v1/console/day", asked, headers={"if-none-match": etag}
        )
        etag = told["ETag"]
        return told.status_code == 200

    assert is_news() and not is_news(page=False)
    redeem_voucher(staff=people.owner, store_id=people.other_store.pk, code=card.code)
    assert is_news(page=False), "fewer uses are left, which programs read"
    with at(mine.undo_until + HOUR):
        release_due()
        assert is_news() and not is_news(page=False)
    with at(mine.undo_until + 48 * HOUR):
        settle_all()
        assert is_news() and not is_news(page=False)
        statement = Statement.objects.get(merchant=people.merchant)
        send_payout(statement_id=statement.pk, sent_by=None, bank_reference="T-1003")
        assert is_news() and not is_news(page=False)


def test_a_poll_hears_that_something_was_sold(people: Cast) -> None:
    path = reverse("console_today", args=[people.store.pk])
    for user, status in ((people.owner, 200), (people.clerk, 204)):
        seen = browser(user).get(path).context["seen"]
        make_paid_order(people.buyer, offer_of(make_product(merchant=people.merchant)))
        assert browser(user).get(path, {"seen": seen}).status_code == status


def test_what_was_sold_is_looked_up_only_where_it_is_shown(people: Cast) -> None:
    whole, narrowed = (
        browser(people.owner).get(reverse("console_today", args=[people.store.pk]), query)
        for query in ({}, {"q": "soup"})
    )
    assert whole.context["sold"] is not None and narrowed.context["sold"] is None


def test_a_mark_of_one_person_is_none_of_another(people: Cast, day: dict[str, Redemption]) -> None:
    owner, clerk = program(people.owner), program(people.clerk)
    asked = {"store": people.store.pk}
    etag = owner.get("/api/v1/console/day", asked)["ETag"]
    answer = clerk.get("/api/v1/console/day", asked, headers={"if-none-match": etag})
    assert answer.status_code == 200


def test_the_day_costs_the_same_queries_however_much_happened(people: Cast) -> None:
    client = browser(people.owner)
    path = reverse("console_today", args=[people.store.pk])

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        return len(asked)

    redeem(people, people.clerk)
    cost()
    few = cost()
    for _number in range(4):
        redeem(people, make_staff(people.store))
    assert cost() == few


def test_pages_of_the_api_hold_each_redemption_once(
    people: Cast, day: dict[str, Redemption]
) -> None:
    first = api(people.owner, people, page_size=3)
    second = program(people.owner).get(first["next"]).json()
    pks = [row["id"] for row in first["results"] + second["results"]]
    assert pks == sorted((row.pk for row in day.values()), reverse=True)
    assert second["next"] is None


@pytest.mark.parametrize("query", [{"day": "2026-02-30"}, {"clerk": "x"}, {"cursor": "@"}])
def test_nonsense_is_told_to_programs(people: Cast, query: dict[str, str]) -> None:
    asked = {"store": people.store.pk, **query}
    assert program(people.owner).get("/api/v1/console/day", asked).status_code == 400


# What was sold meanwhile ---------------------------------------------------------------


def test_a_store_sees_what_was_sold_while_it_slept(people: Cast) -> None:
    """After the last guest of an earlier day and before it opens, for this store, still to come."""
    today = people.store.local_day(now() + 30 * HOUR)
    start, _end = day_span(people.store, today)
    evening, night = start - 3 * HOUR, start + 2 * HOUR
    soup = make_product(merchant=people.merchant, price_fen=2000, title_en="Soup")
    goods = make_product(
        merchant=people.merchant, price_fen=3000, kind="goods", stock=50, title_en="Frozen"
    )
    elsewhere = make_product(stores=[people.other_store], price_fen=900, title_en="Elsewhere")
    foreign = make_product(price_fen=800)
    with at(evening - HOUR):
        make_paid_order(people.buyer, offer_of(soup))
        guest = Voucher.objects.latest("pk")
    with at(evening):
        redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=guest.code)
    with at(night):
        for product, pieces in ((soup, 3), (goods, 2), (elsewhere, 1), (foreign, 1)):
            make_paid_order(people.buyer, offer_of(product), pieces)
        sent_back = Voucher.objects.filter(product=soup).latest("pk")
        refund_voucher(owner=people.buyer, voucher_id=sent_back.pk)
        make_paid_order(people.buyer, offer_of(soup))  # sent back whole: no order of the night
        refund_voucher(owner=people.buyer, voucher_id=Voucher.objects.latest("pk").pk)
        card = make_product(
            merchant=people.merchant, price_fen=1001, kind="times_card", uses=2, title_en="Card"
        )
        make_paid_order(people.buyer, offer_of(card))
        started = Voucher.objects.latest("pk")
    opening = start + 9 * HOUR
    people.store.hours.update(opens=dt.time(9), closes=dt.time(22))
    with at(opening + HOUR):  # awake: what is bought over the counter, what came for by now
        make_paid_order(people.buyer, offer_of(goods), 7)
        make_paid_order(people.buyer, offer_of(goods))
        with at(night):
            make_paid_order(people.buyer, offer_of(goods), 3)
        collected = Voucher.objects.latest("pk")
        for code in (collected.code, started.code):
            redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=code, uses=1)
        redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=collected.code, uses=2)
        viewer = access_day(user=people.owner, store_id=people.store.pk)
        sold = see_sold(viewer, today)
        assert (sold.since, sold.until) == (evening, opening)
        found = {line.title: (line.pieces, line.net_fen, line.is_collected) for line in sold.lines}
        assert found == {
            "Soup": (2, 4000, False),
            "Frozen": (2, 6000, True),
            "Card": (1, 501, False),
        }
        assert [line.orders for line in sold.lines] == [1, 1, 1]
        assert (sold.pieces, sold.to_use, sold.to_collect, sold.net_fen) == (5, 3, 2, 10501)
        vouchers = Voucher.objects.filter(product__in=[soup, goods, card], created_at=night)
        escrow = LedgerEntry.objects.filter(
            voucher_ref__in=vouchers.values("pk"), account=Account.ESCROW
        )
        assert -sum(escrow.values_list("amount_fen", flat=True)) == sold.net_fen
        answer = api(people.owner, people, "sales", day=str(today))
        assert answer["to_collect"] == 2 and answer["net_fen"] == 10501
        html = page(people.owner, people, date=str(today))
        assert "To be collected here" in html and "Frozen" in html and "Elsewhere" not in html


def test_where_no_hours_are_known_the_first_guest_ends_the_night(people: Cast) -> None:
    today = people.store.local_day(now() + 30 * HOUR)
    start, end = day_span(people.store, today)
    viewer = access_day(user=people.owner, store_id=people.store.pk)
    with at(end + HOUR):
        assert see_sold(viewer, today).until == end
    with at(start + 4 * HOUR):
        assert see_sold(viewer, today).until == start + 4 * HOUR
        redeem(people, people.clerk)
    with at(start + 6 * HOUR):
        assert see_sold(viewer, today).until == start + 4 * HOUR


def test_what_is_to_be_collected_is_what_the_stock_page_sets_aside(people: Cast) -> None:
    goods = make_product(stores=[people.store], kind="goods", stock=50)
    variant = variant_of(goods)
    keep_by_store(by=people.owner, variant_id=variant.pk, store_id=people.store.pk)
    with at(now() - HOUR):
        make_paid_order(people.buyer, offer_of(goods), 5)
    pieces = Voucher.objects.latest("pk")
    redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=pieces.code, uses=2)
    (level,) = with_set_aside(StockLevel.objects.filter(variant=variant))
    viewer = access_day(user=people.owner, store_id=people.store.pk)
    sold = see_sold(viewer, people.store.local_day(now()))
    assert sold.to_collect == level.set_aside == 3  # type: ignore[attr-defined]


def test_who_may_not_see_sales_is_not_told_them(people: Cast) -> None:
    viewer = access_day(user=people.clerk, store_id=people.store.pk)
    with pytest.raises(RightMissing):
        see_sold(viewer, Asked(people.store.local_day(now())).day)


@pytest.mark.parametrize("name", ["date", "day"])
@pytest.mark.parametrize("text", ["x", "2026-W48-1", "٢٠٢٦-01-01", "2199-01-01", "20260101"])
def test_a_file_is_of_no_other_day_than_was_named(people: Cast, name: str, text: str) -> None:
    owner = browser(people.owner)
    answer = owner.get(reverse("console_day_file", args=[people.store.pk]), {name: text})
    assert answer.status_code == 400
    assert "YYYY-MM-DD" in answer.content.decode()
    assert "There is no such day to show yet; here is today." in page(
        people.owner, people, **{name: text}
    )
    named = file(people.owner, people, **{name: "2026-01-01"})
    assert len(named) == 1
