"""Reports: from the sums per day, with costs day by day; pages, rows behind each figure, files."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from insights.models import ChannelPlan
from insights.report import NONE, Scope, report_of, total_of
from insights.services.plans import (
    PlanAsked,
    add_campaign_code,
    add_plan,
    change_plan,
    remove_plan,
)
from kernel.clock import now
from kernel.errors import InvalidInput
from orders.services.place import place_order
from stores.codes.models import Code
from stores.codes.services import CodeAsked, make_code
from stores.errors import RightMissing
from tests.campaigns.made import make_campaign
from tests.factories import make_staff, make_store, make_user, owner_of, pay_order
from tests.insights.checked import broken, catch_up
from tests.insights.test_results import come
from tests.orders.test_sources import Guest, Shop, people  # noqa: F401

pytestmark = pytest.mark.django_db


def code_of(people: Shop, name: str, channel: str) -> Code:  # noqa: F811
    asked = CodeAsked("poster", name, people.store, channel=channel)
    return make_code(merchant=people.merchant, asked=asked, by=None)


def today() -> dt.date:
    return now().astimezone(dt.timezone(dt.timedelta(hours=8))).date()


def plan_of(people: Shop, channel: str, **more: Any) -> ChannelPlan:  # noqa: F811
    facts: dict[str, Any] = {"begins_on": today(), "ends_on": today() + dt.timedelta(days=9)}
    asked = PlanAsked(channel=channel, **(facts | more))
    return add_plan(merchant=people.merchant, asked=asked, by=owner_of(people.merchant))


@pytest.fixture
def sold(people: Shop) -> tuple[Shop, Code, Code]:  # noqa: F811
    """Two orders by a tower, of which one came in; one by WeChat; one of a stranger."""
    tower, wechat = code_of(people, "Tower 7", "building"), code_of(people, "Ad", "wechat")
    guests = [(Guest(), tower), (Guest(), tower), (Guest(), wechat)]
    for guest, code in guests:
        guest.scan(code)
    orders = [pay_order(guest.buy(people.product)) for guest, _code in guests]
    pay_order(place_order(buyer=make_user(), lines=[(people.offer.pk, 1)]))
    come(orders[0], people)
    catch_up()
    return people, tower, wechat


def test_rows_add_up_to_the_total_with_their_costs(sold: tuple[Shop, Code, Code]) -> None:
    people, tower, _wechat = sold  # noqa: F811
    plan_of(people, "building", cost_fen=900, print_fen=100, code=tower, target_came=4)
    plan_of(people, "wechat", cost_fen=1000, reach_told=5000)
    scope = Scope([people.merchant.pk])
    for by in ("channel", "code", "store", "day"):
        report = report_of(scope, by=by)
        for name, value in report.total.sums.items():
            assert sum(row.sums[name] for row in report.rows) == value, (by, name)
        assert sum(row.all_cost_fen for row in report.rows) == report.total.all_cost_fen == 2000
        assert report.total.spent.reach_told == sum(row.spent.reach_told for row in report.rows)
    found = {row.key: row for row in report_of(scope, by="channel").rows}
    assert {key: row.sums["orders"] for key, row in found.items()} == {
        "building": 2,
        "wechat": 1,
        None: 1,
    }
    building = found["building"]
    assert building.cost_per_came_fen == 1000
    assert building.net_fen == building.contribution_fen - 1000
    assert building.break_even == -(-1000 // building.contribution_fen)
    assert found["wechat"].cost_per_came_fen is None, "nobody came"
    assert found["wechat"].break_even is None
    by_code = {row.label: row for row in report_of(scope, by="code").rows}
    assert set(by_code) == {"Tower 7", "Ad", "WeChat, as a whole", "without a code"}


def test_a_report_over_a_part_of_a_period_takes_its_share(people: Shop) -> None:  # noqa: F811
    plan_of(people, "search", cost_fen=1003)
    spans = [(0, 2), (3, 3), (4, 9)]
    parts = [
        total_of(
            Scope(
                [people.merchant.pk],
                since=today() + dt.timedelta(days=first),
                until=today() + dt.timedelta(days=last),
            )
        ).all_cost_fen
        for first, last in spans
    ]
    assert parts[0] == 1003 * 3 // 10
    assert sum(parts) == 1003, "no fen is made or lost"


def test_each_narrower_scope_has_its_own(sold: tuple[Shop, Code, Code]) -> None:
    people, _tower, wechat = sold  # noqa: F811
    of = {"merchants": [people.merchant.pk]}
    counts = [
        total_of(Scope(**of, **more)).sums["orders"]  # type: ignore[arg-type]
        for more in (
            {},
            {"channel": "building"},
            {"channel": NONE},
            {"code": wechat.pk},
            {"store": people.store.pk},
            {"since": today() + dt.timedelta(days=1)},
        )
    ]
    assert counts == [4, 2, 1, 1, 3, 0]
    assert total_of(Scope([make_store().merchant_id])).sums["orders"] == 0
    assert broken() == []


def test_a_report_asks_five_statements(
    sold: tuple[Shop, Code, Code], django_assert_max_num_queries: Any
) -> None:
    people, _tower, _wechat = sold  # noqa: F811
    for number in range(5):
        plan_of(people, "article", cost_fen=number)
    for by in ("channel", "code", "store", "campaign", "day"):
        with django_assert_max_num_queries(5):
            report_of(Scope([people.merchant.pk]), by=by)


def test_who_may_enters_costs(people: Shop) -> None:  # noqa: F811
    finance, clerk = make_user(), people.clerk
    make_staff(people.store, user=finance, role="finance")
    asked = PlanAsked("weibo", today(), today(), cost_fen=5)
    plan = add_plan(merchant=people.merchant, asked=asked, by=finance)
    assert change_plan(plan=plan, asked=asked._replace(cost_fen=7), by=finance).cost_fen == 7
    with pytest.raises(RightMissing):
        add_plan(merchant=people.merchant, asked=asked, by=clerk)
    elsewhere = make_campaign(make_store().merchant)
    for wrong in (
        asked._replace(ends_on=today() - dt.timedelta(days=1)),
        asked._replace(campaign=elsewhere),
        asked._replace(code=code_of(people, "Ad", "wechat")),
        asked._replace(cost_fen=-1),
    ):
        with pytest.raises(InvalidInput):
            add_plan(merchant=people.merchant, asked=wrong, by=finance)
    remove_plan(plan=plan, by=finance)
    assert not ChannelPlan.objects.exists()


def test_the_list_of_orders_shows_their_report_and_each_figure_opens_its_rows(
    sold: tuple[Shop, Code, Code], client: Client
) -> None:
    people, tower, _wechat = sold  # noqa: F811
    client.force_login(owner_of(people.merchant))
    where = reverse("admin:insights_orderpart_changelist")
    page = client.get(where)
    html = page.content.decode()
    assert page.status_code == 200 and page.context["cl"].result_count == 4
    assert "What it brought" in html and "Tower 7" in html and "building" in html
    for asked, rows in (
        ({"channel": "building"}, 2),
        ({"channel": "building", "step": "came"}, 1),
        ({"of_code": tower.pk}, 2),
        ({"channel": NONE}, 1),
        ({"of_store": people.store.pk}, 3),
        ({"day_from": str(today() + dt.timedelta(days=1))}, 0),
    ):
        assert f"channel={NONE}" in html
        assert client.get(where, asked).context["cl"].result_count == rows, asked
    stranger = Client()
    stranger.force_login(owner_of(make_store().merchant))
    assert stranger.get(where).context["cl"].result_count == 0


def test_the_page_of_a_campaign_shows_what_it_brought(
    sold: tuple[Shop, Code, Code], client: Client
) -> None:
    people, tower, _wechat = sold  # noqa: F811
    campaign = make_campaign(people.merchant)
    add_campaign_code(campaign=campaign, code=tower, by=None)
    guest = Guest()
    guest.scan(tower)
    order = pay_order(guest.buy(people.product))
    catch_up()
    client.force_login(owner_of(people.merchant))
    html = client.get(
        reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    ).content.decode()
    assert "What it brought" in html and f"of_campaign={campaign.pk}" in html
    rows = client.get(
        reverse("admin:insights_orderpart_changelist"), {"of_campaign": campaign.pk}
    ).context["cl"]
    assert next(part.order_id for part in rows.result_list) == order.pk


def test_the_file_has_every_order(sold: tuple[Shop, Code, Code], client: Client) -> None:
    people, _tower, _wechat = sold  # noqa: F811
    client.force_login(owner_of(people.merchant))
    answer = client.get(reverse("admin:insights_orderpart_download"), {"channel": "building"})
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert answer["Content-Type"].startswith("text/csv")
    assert len(lines) == 3 and lines[1].split(",")[2:4] == ["building", "Tower 7"]


def test_costs_are_entered_in_the_office(people: Shop, client: Client) -> None:  # noqa: F811
    client.force_login(owner_of(people.merchant))
    form = {
        "channel": "article",
        "begins_on": "2026-05-01",
        "ends_on": "2026-05-31",
        "cost_fen": "120.50",
        "print_fen": "",
        "target_came": "40",
    }
    add = reverse("admin:insights_channelplan_add")
    assert client.get(add).status_code == 200
    wrong = client.post(add, {**form, "ends_on": "2026-04-01"})
    assert wrong.status_code == 200 and not ChannelPlan.objects.exists()
    assert client.post(add, form).status_code == 302
    plan = ChannelPlan.objects.get()
    assert (plan.cost_fen, plan.print_fen, plan.target_came) == (12050, 0, 40)
    change = reverse("admin:insights_channelplan_change", args=[plan.pk])
    assert client.post(change, {**form, "print_fen": "3"}).status_code == 302
    plan.refresh_from_db()
    assert plan.print_fen == 300
    gone = reverse("admin:insights_channelplan_delete", args=[plan.pk])
    assert client.post(gone, {"post": "yes"}).status_code == 302
    assert not ChannelPlan.objects.exists()


def test_a_campaign_of_a_million_orders_is_told_within_a_second(
    people: Shop,  # noqa: F811
    client: Client,
) -> None:
    """A year of 50 codes: as many sums as a million orders come to; the page reads nothing else."""
    campaign = make_campaign(people.merchant)
    codes = Code.objects.bulk_create(
        Code(code=f"B{number:06}", merchant=people.merchant, kind="link", name=f"Code {number}")
        for number in range(50)
    )
    keys = [code.pk for code in codes]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO insights_resultday (merchant_id, campaign_id, day, code_id, scans, visitors,"
            " orders, paid, came, received_fen, earned_fen, commission_fen)"
            " SELECT %s, c, d::date, k, 300, 120, 55, 50, 40, 250000, 200000, 12000"
            " FROM unnest(ARRAY[NULL, %s]::bigint[]) c, unnest(%s::bigint[]) k,"
            " generate_series(%s::date - 365, %s::date - 1, interval '1 day') d",
            [people.merchant.pk, campaign.pk, keys, today(), today()],
        )
    assert total_of(Scope(None, campaign=campaign.pk)).sums["orders"] == 55 * 50 * 365 > 1_000_000
    client.force_login(owner_of(people.merchant))
    page = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    assert client.get(page).status_code == 200
    began = time.perf_counter()
    html = client.get(page).content.decode()
    took = time.perf_counter() - began
    assert f"{55 * 50 * 365}" in html
    assert took < 1, f"{took:.2f} s"
    print(f"campaign page over a million orders: {took * 1000:.0f} ms")  # noqa: T201
