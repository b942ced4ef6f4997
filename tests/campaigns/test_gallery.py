"""The gallery: templates by goal, filled in from what was sold, live with six inputs at most."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from campaigns.admin_gallery import FRAGMENT
from campaigns.conditions.base import Said
from campaigns.gallery.estimate import estimate_of, word_estimate
from campaigns.gallery.habits import (
    UNKNOWN,
    Habits,
    habits_of,
    quiet_hours,
    sales_of,
    slow_products,
    weeks_ahead,
)
from campaigns.gallery.templates import MOST_INPUTS, TEMPLATES, Goal
from campaigns.models import Campaign
from campaigns.selectors import with_terms
from campaigns.services.campaigns import check_campaign
from campaigns.terms import terms_of
from catalog.models import Product
from kernel.clock import now
from orders.models import Order
from orders.services.place import place_order
from stores.models import Merchant
from tests.campaigns.made import asking, over
from tests.factories import (
    Cast,
    cast,
    make_paid_order,
    make_product,
    make_user,
    make_voucher,
    offer_of,
    redeem,
)
from vouchers.models import Redemption

pytestmark = pytest.mark.django_db
PAGE = "admin:campaigns_campaign_gallery"


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def owner(people: Cast, client: Client) -> Client:
    client.force_login(people.owner)
    return client


def address(people: Cast, code: str) -> str:
    return reverse(PAGE, query={"template": code, "merchant": people.merchant.pk})


def filled(page: Any) -> dict[str, Any]:
    """What the form proposes, as a browser sends it back."""
    form = page.context["form"]
    data = {}
    for bound in form:
        value = bound.value()
        data[bound.name] = value if isinstance(value, list) else str(value or "")
    return data | {"form_key": page.content.decode().split('name="form_key" value="')[1][:36]}


def sold(product: Product, weeks_ago: float, quantity: int = 1, buyer: Any = None) -> None:
    order = make_paid_order(buyer, offer_of(product), quantity)
    moment = now() - dt.timedelta(weeks=weeks_ago)
    Order.objects.filter(pk=order.pk).update(paid_at=moment)


def test_each_goal_has_a_template_of_six_inputs_at_most_that_the_service_takes(
    people: Cast,
) -> None:
    product = make_product(merchant=people.merchant)
    habits = Habits(120, 9000, [], [product.pk], UNKNOWN)
    assert {row.goal for row in TEMPLATES.values()} == set(Goal)
    for template in TEMPLATES.values():
        assert len(template.inputs) <= MOST_INPUTS
        proposed = template.propose(habits)
        assert set(proposed) == set(template.inputs), template.code
        asked = template.ask(proposed)
        check_campaign(merchant=people.merchant, asked=asked, by=people.owner)
        assert asked.name_en != asked.name_zh


@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_a_template_is_live_as_it_is_proposed(code: str, owner: Client, people: Cast) -> None:
    product = make_product(merchant=people.merchant, stock=500)
    page = owner.get(address(people, code))
    assert page.context["preview"].promise in page.content.decode()
    form = filled(page)
    if code == "clear":
        assert form["products"] == [product.pk]
    if code == "gift_above":
        assert form["gifts"] == [product.pk]
    said = owner.post(address(people, code), form | {"_start": "1"})
    assert said.status_code == 302, said.context["form"].errors
    row = with_terms(Campaign.objects.all()).get()
    assert (row.state, row.merchant) == ("running", people.merchant)
    assert said.url == reverse("admin:campaigns_campaign_change", args=[row.pk])
    assert terms_of(row) == page.context["preview"].terms


def test_a_draft_is_kept_and_the_same_form_sent_twice_is_one_campaign(
    owner: Client, people: Cast
) -> None:
    form = filled(owner.get(address(people, "welcome"))) | {"_draft": "1"}
    for _time in range(2):
        assert owner.post(address(people, "welcome"), form).status_code == 302
    row = Campaign.objects.get()
    assert (row.state, row.name_en, row.name_zh) == ("draft", "Welcome", "初次见面")


def test_the_sentence_and_the_estimate_follow_what_is_typed_and_nothing_is_written(
    owner: Client, people: Cast
) -> None:
    form = filled(owner.get(address(people, "welcome")))
    form |= {"amount_fen": "12", "minimum": "60", "coupons": "30", "budget_fen": ""}
    said = owner.post(
        address(people, "welcome"), form | {"_preview": "1"}, headers={FRAGMENT: "1"}
    ).content.decode()
    assert "<html" not in said
    assert "¥12 off over ¥60. For your first order at this business." in said
    assert "At most it costs ¥360." in said
    whole = owner.post(address(people, "welcome"), form | {"_preview": "1"}).content.decode()
    assert "<html" in whole
    assert "¥12 off over ¥60." in whole
    wrong = owner.post(
        address(people, "welcome"),
        form | {"_preview": "1", "minimum": "5"},
        headers={FRAGMENT: "1"},
    ).content.decode()
    assert "Take off no more than what has to be spent." in wrong
    refused = owner.post(address(people, "welcome"), form | {"_start": "1", "minimum": "5"})
    assert set(refused.context["form"].errors) == {"amount_fen"}
    assert not Campaign.objects.exists()


def test_what_comes_by_itself_says_so_to_guests_and_what_it_costs(
    owner: Client, people: Cast
) -> None:
    product = make_product(merchant=people.merchant, price_fen=1500, stock=500)
    form = filled(owner.get(address(people, "steps")))
    form |= {"amount_fen": "8", "minimum": "80", "next_minimum": "150", "next_fen": "20"}
    shown = owner.post(address(people, "steps"), form | {"_preview": "1"}).context["preview"]
    assert shown.promise.startswith("¥8 off over ¥80. ¥20 off over ¥150. It applies by itself")
    lower = owner.post(address(people, "steps"), form | {"_start": "1", "next_fen": "5"})
    assert set(lower.context["form"].errors) == {"next_fen"}
    free = owner.get(address(people, "one_free")).context["preview"]
    assert free.promise.startswith("of 3 pieces the cheapest free. ")
    gift = filled(owner.get(address(people, "gift_above")))
    gift |= {"minimum": "90", "budget_count": "40"}
    shown = owner.post(address(people, "gift_above"), gift | {"_preview": "1"}).context["preview"]
    assert shown.promise.startswith(f"a free gift over ¥90. Gift: {product.title}. ")
    assert shown.promise.endswith("to one order per person.")
    assert shown.estimate[-1] == "At most it costs ¥600."
    none = owner.post(address(people, "gift_above"), gift | {"_start": "1", "gifts": []})
    assert set(none.context["form"].errors) == {"gifts"}
    assert not Campaign.objects.exists()


def test_nothing_comes_by_itself_before_its_risks_are_answered(owner: Client, people: Cast) -> None:
    form = filled(owner.get(address(people, "steps"))) | {"budget_fen": "", "_start": "1"}
    assert owner.post(address(people, "steps"), form).status_code == 200
    assert not Campaign.objects.exists()
    said = owner.post(address(people, "steps"), form | {"answer_no_limit": "We bear it."})
    assert said.status_code == 302
    assert Campaign.objects.get().is_automatic


def test_an_estimate_is_reckoned_with_the_orders_of_the_last_weeks(people: Cast) -> None:
    product = make_product(merchant=people.merchant, price_fen=6000)
    regular = make_user()
    for weeks_ago in range(1, 9):
        sold(product, weeks_ago - 0.5, quantity=2, buyer=regular)
        sold(product, weeks_ago - 0.5)
        sold(product, weeks_ago - 0.5)
    sold(product, 9, quantity=9)
    asked = asking(over(10000), ends_at=now() + dt.timedelta(weeks=6) - dt.timedelta(hours=1))
    found = estimate_of(people.merchant.pk, asked)
    assert (found.orders_a_week, found.fitting_a_week, found.uses) == (3, 1, 2)
    assert (found.cost_fen, found.most_fen) == (4000, 200000)
    assert word_estimate(found) == [
        "In the last 8 weeks you had 3 orders a week, 1 of them of ¥100 or more.",
        "If one in 3 of these uses it, those are 2 uses until its end: ¥40.",
        "At most it costs ¥2,000.",
    ]
    with translation.override("zh-hans"):
        assert "过去 8 周" in word_estimate(found)[0]
    assert estimate_of(people.merchant.pk, asked._replace(budget_fen=3000)).cost_fen == 3000
    nobody = estimate_of(cast().merchant.pk, asked)
    assert (nobody.uses, nobody.cost_fen) == (0, 0)
    assert "less than an order a week" in word_estimate(nobody)[0]


def test_a_week_is_quiet_that_had_fewer_orders_than_the_others_a_year_ago(people: Cast) -> None:
    product = make_product(merchant=people.merchant)
    monday = timezone.localdate() - dt.timedelta(days=timezone.localdate().weekday())
    noon = dt.datetime.combine(monday, dt.time(12), timezone.get_current_timezone())
    weeks_ago = (noon - now()) / dt.timedelta(weeks=1)
    for number in range(40, 53):
        for _time in range(1 if number == 50 else 2):
            sold(product, number - weeks_ago)
    weeks = weeks_ahead(people.merchant.pk, 5)
    assert [week.orders for week in weeks] == [2, 2, 1, 2, 2]
    assert [week.quiet for week in weeks] == [False, False, True, False, False]
    assert habits_of(people.merchant.pk).quiet_weeks == [monday + dt.timedelta(weeks=2)]
    proposed = TEMPLATES["quiet_week"].propose(habits_of(people.merchant.pk))
    assert proposed["begins_at"] == monday + dt.timedelta(weeks=2)


def test_quiet_hours_are_those_in_which_fewest_guests_came(people: Cast) -> None:
    assert quiet_hours(people.merchant.pk) == UNKNOWN
    voucher = make_voucher(product=make_product(merchant=people.merchant))
    seen = redeem(voucher, store=people.store, staff=people.clerk)
    monday = timezone.localdate() - dt.timedelta(days=timezone.localdate().weekday() + 7)
    zone = timezone.get_current_timezone()
    for day, hour in ((0, 11), (0, 12), (0, 18), (4, 13), (4, 17), (4, 18), (5, 19)):
        occurred = dt.datetime.combine(monday + dt.timedelta(days=day), dt.time(hour), zone)
        Redemption.objects.filter(pk=seen.pk).update(occurred_at=occurred)
        voucher = make_voucher(product=make_product(merchant=people.merchant))
        seen = redeem(voucher, store=people.store, staff=people.clerk)
    Redemption.objects.filter(pk=seen.pk).delete()
    found = quiet_hours(people.merchant.pk)
    assert (found.begins, found.ends, len(found.weekdays)) == (14, 17, 4)


def test_only_orders_of_these_hours_fit(people: Cast) -> None:
    product = make_product(merchant=people.merchant, price_fen=6000)
    sold(product, 1)
    paid = timezone.localtime(Order.objects.get().paid_at)
    minutes = {"from_minute": paid.hour * 60, "to_minute": (paid.hour + 1) % 24 * 60}
    for days, fitting in (((paid.isoweekday(),), 1), ((paid.isoweekday() % 7 + 1,), 0)):
        terms = asking(Said("hours", days, **minutes)).terms
        assert sales_of(people.merchant.pk, terms).fitting == fitting


def test_slow_stock_is_what_lasts_longest(people: Cast) -> None:
    quick = make_product(merchant=people.merchant, stock=10)
    slow = make_product(merchant=people.merchant, stock=40)
    slower = make_product(merchant=people.merchant, stock=400)
    make_product(merchant=people.merchant, stock=None)
    sold(quick, 1, quantity=5)
    sold(slow, 1)
    assert slow_products(people.merchant.pk) == [slower.pk, slow.pk]


def test_the_gallery_is_for_who_may_make_campaigns(people: Cast, client: Client) -> None:
    client.force_login(people.clerk)
    assert client.get(reverse(PAGE)).status_code in {302, 403}
    client.force_login(people.operator)
    assert client.get(reverse(PAGE)).status_code == 200
    client.force_login(people.stranger)
    assert client.get(address(people, "welcome")).status_code == 404
    client.force_login(people.owner)
    shown = client.get(reverse(PAGE)).content.decode()
    assert "Fill quiet times" in shown
    assert "At most ¥" in shown
    other: Merchant = cast().merchant
    strange = reverse(PAGE, query={"template": "welcome", "merchant": other.pk})
    assert client.get(strange).status_code == 404
    assert client.get(address(people, "nothing")).status_code == 404


def test_a_place_order_that_waits_for_money_is_not_sold(people: Cast) -> None:
    product = make_product(merchant=people.merchant, price_fen=6000)
    place_order(buyer=make_user(), lines=[(offer_of(product).pk, 1)])
    assert estimate_of(people.merchant.pk, asking()).orders_a_week == 0
