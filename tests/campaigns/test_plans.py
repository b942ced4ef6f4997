"""The life of a campaign: goal, risks, preparation, stop rule, copy, what came of it, the calendar."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.errors import CampaignNotOver, GoalFixed, RisksUnanswered, StopRuleMet
from campaigns.models import Campaign, Plan, PlanAnswer
from campaigns.progress import progress_of
from campaigns.risks import promise_of, risks_of
from campaigns.services.campaigns import (
    create_campaign,
    end_campaign,
    pause_campaign,
    start_campaign,
)
from campaigns.services.coupons import claim_coupon
from campaigns.services.funders import Share
from campaigns.services.plans import (
    PlanAsked,
    answer_risks,
    copy_campaign,
    launch_campaign,
    note_lesson,
    start_answered,
    stop_campaigns_due,
    tick_steps,
    write_plan,
)
from campaigns.services.readiness import FEWEST_USES, open_risks
from campaigns.tasks import end_due
from campaigns.terms import Gives, terms_of
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from kernel.outbox.models import OutboxEvent
from messages.models import Notification
from orders.services.place import place_order
from payments.parties import merchant_key
from stores.codes.services import CodeAsked, make_code
from tests.campaigns.made import TENTH, answer_open_risks, asking, make_campaign, over
from tests.factories import Cast, cast, make_product, make_user, offer_of, pay_order

pytestmark = pytest.mark.django_db
SHARE_OF_HALF = Gives("share", permille=500, at_most_fen=9000)


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def owner(people: Cast, client: Client) -> Client:
    client.force_login(people.owner)
    return client


def draft(people: Cast, *conditions: Any, **more: Any) -> Campaign:
    """One whose risks nobody has answered."""
    asked = asking(*conditions, **more)
    return create_campaign(merchant=people.merchant, asked=asked, by=people.owner)


def codes(row: Campaign) -> list[str]:
    return [risk.code for risk in risks_of(promise_of(row, terms_of(row)))]


def page_of(row: Campaign) -> str:
    return reverse("admin:campaigns_campaign_plan_here", args=[row.pk])


def send(client: Client, row: Campaign, **data: Any) -> Any:
    shown = client.get(page_of(row)).content.decode()
    key = shown.rsplit('name="form_key" value="', 1)[1].split('"', 1)[0]
    return client.post(page_of(row), data | {"form_key": key})


def bought(people: Cast, row: Campaign, price_fen: int = 12000, buyer: Any = None) -> None:
    product = make_product(merchant=people.merchant, price_fen=price_fen)
    buyer = buyer or make_user()
    claim_coupon(owner=buyer, campaign_id=row.pk)
    pay_order(place_order(buyer=buyer, lines=[(offer_of(product).pk, 1)]))


def test_each_risk_is_said_of_what_is_promised_and_of_nothing_else(people: Cast) -> None:
    over_100 = over(10000)
    assert codes(draft(people, over_100)) == []
    long = now() + dt.timedelta(days=100)
    product = make_product(merchant=people.merchant, stock=3)
    unlimited = make_product(merchant=people.merchant, stock=None)
    of = type(over_100)
    for code, conditions, more in (
        ("no_limit", (over_100,), {"gives": TENTH}),
        ("more_promised", (over_100,), {"budget_fen": 100000}),
        ("more_promised", (over_100,), {"budget_count": 9}),
        ("free", (), {}),
        ("half", (over(4000),), {}),
        ("half", (over_100,), {"gives": SHARE_OF_HALF}),
        ("long", (over_100,), {"ends_at": long}),
        ("many_each", (over_100,), {"per_person": 4}),
        ("stock", (of("products", (product.pk,)), over_100), {}),
    ):
        assert codes(draft(people, *conditions, **more)) == [code]
    assert codes(draft(people, of("products", (unlimited.pk,)), over_100)) == []
    make_campaign(people.merchant, over_100)
    make_campaign(cast().merchant, over_100)
    assert codes(draft(people, over_100)) == ["beside"]


def test_nothing_is_published_while_a_risk_is_unanswered(people: Cast) -> None:
    row = draft(people)
    with pytest.raises(RisksUnanswered) as refused:
        start_campaign(campaign_id=row.pk, by=people.owner)
    assert [risk["code"] for risk in refused.value.extra["risks"]] == ["free"]
    assert answer_risks(campaign_id=row.pk, answers={"free": " ", "x": "y"}, by=people.owner) == 0
    with pytest.raises(InvalidInput):
        answer_risks(campaign_id=row.pk, answers={"free": "x" * 201}, by=people.owner)
    answer_risks(campaign_id=row.pk, answers={"free": "A gift."}, by=people.owner)
    answer_risks(campaign_id=row.pk, answers={"free": "A small gift."}, by=people.owner)
    said = PlanAnswer.objects.get()
    assert (said.text, said.author) == ("A small gift.", people.owner)
    assert open_risks(row) == []
    assert start_campaign(campaign_id=row.pk, by=people.owner).state == "running"
    with pytest.raises(NotFound):
        answer_risks(campaign_id=row.pk, answers={"free": "?"}, by=people.stranger)


def test_a_launch_with_a_risk_left_writes_nothing(people: Cast) -> None:
    launch = {"merchant": people.merchant, "asked": asking(), "by": people.owner}
    with pytest.raises(RisksUnanswered):
        launch_campaign(answers={}, **launch)
    assert not Campaign.objects.exists()
    assert launch_campaign(answers={"free": "A gift."}, **launch).state == "running"


def test_a_refused_start_keeps_no_answer(people: Cast) -> None:
    row = draft(people, budget_fen=100000)
    first, *others = codes(row)
    assert others, "the test wants two risks"
    start = {"campaign_id": row.pk, "by": people.owner}
    with pytest.raises(RisksUnanswered):
        start_answered(answers={first: "We know."}, **start)
    assert not row.answers.exists()
    answers = dict.fromkeys((first, *others), "We know.")
    assert start_answered(answers=answers, **start).state == "running"


def test_a_goal_is_fixed_at_the_start_and_the_rest_is_not(people: Cast) -> None:
    row = draft(people, over(10000))
    code = make_code(
        merchant=people.merchant, asked=CodeAsked(kind="link", name="Letter"), by=people.owner
    )
    goal = PlanAsked("orders", 30, stop_fen=5000, codes=[code.pk])
    write_plan(campaign_id=row.pk, asked=goal, by=people.owner)
    start_campaign(campaign_id=row.pk, by=people.owner)
    with pytest.raises(GoalFixed):
        write_plan(campaign_id=row.pk, asked=goal._replace(goal=3), by=people.owner)
    plan = write_plan(campaign_id=row.pk, asked=goal._replace(stop_fen=900), by=people.owner)
    assert (plan.goal, plan.stop_fen, row.channels.get().code) == (30, 900, code)
    for wrong in (
        goal._replace(unit=""),
        goal._replace(codes=[code.pk + 999]),
        goal._replace(stop_uses=0),
    ):
        with pytest.raises((InvalidInput, GoalFixed)):
            write_plan(campaign_id=row.pk, asked=wrong, by=people.owner)
    with pytest.raises(InvalidInput):
        write_plan(campaign_id=draft(people).pk, asked=PlanAsked(unit="orders"), by=people.owner)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"stop_fen": 4000}, "fen"),
        ({"stop_uses": 2}, "uses"),
        ({"stop_cost_fen": 1900}, "cost"),
    ],
)
def test_it_stops_by_itself_and_its_people_are_told(
    rule: dict[str, int], reason: str, people: Cast, drain: Any
) -> None:
    row = make_campaign(people.merchant, over(10000))
    write_plan(campaign_id=row.pk, asked=PlanAsked(**rule), by=people.owner)
    bought(people, row)
    assert stop_campaigns_due() == 0
    if reason == "cost":
        Campaign.objects.filter(pk=row.pk).update(
            spent_count=FEWEST_USES, spent_fen=FEWEST_USES * 2000
        )
    else:
        bought(people, row)
    assert end_due() == 1
    row.refresh_from_db()
    assert (row.state, row.plan.stopped_by) == ("paused", reason)
    assert end_due() == 0
    drain()
    kinds = Notification.objects.filter(user=people.owner).values_list("kind", flat=True)
    assert list(kinds).count(f"campaign_stopped_{reason}") == 1
    with pytest.raises(StopRuleMet):
        start_campaign(campaign_id=row.pk, by=people.owner)
    write_plan(campaign_id=row.pk, asked=PlanAsked(), by=people.owner)
    assert start_campaign(campaign_id=row.pk, by=people.owner).state == "running"


def test_few_uses_say_nothing_of_what_an_order_costs(people: Cast) -> None:
    row = make_campaign(people.merchant, over(10000))
    write_plan(campaign_id=row.pk, asked=PlanAsked(stop_cost_fen=1), by=people.owner)
    bought(people, row)
    assert stop_campaigns_due() == 0
    assert not OutboxEvent.objects.filter(topic="campaign.stopped").exists()


def test_its_progress_is_counted_from_paid_orders(people: Cast) -> None:
    regular = make_user()
    first = make_campaign(people.merchant, over(10000), per_person=2)
    bought(people, first, buyer=regular)
    end_campaign(campaign_id=first.pk, by=people.owner)
    row = make_campaign(people.merchant, over(10000), start=False, budget_fen=20000)
    write_plan(campaign_id=row.pk, asked=PlanAsked("new_guests", 2), by=people.owner)
    start_campaign(campaign_id=row.pk, by=people.owner)
    bought(people, row, buyer=regular)
    bought(people, row)
    waiting = make_user()
    claim_coupon(owner=waiting, campaign_id=row.pk)
    product = make_product(merchant=people.merchant, price_fen=12000)
    place_order(buyer=waiting, lines=[(offer_of(product).pk, 1)])
    row.refresh_from_db()
    found = progress_of(row, row.plan)
    assert found.outcome == (2, 2, 1, 20000)
    assert (found.reached, found.goal, found.goal_share, found.is_reached) == (1, 2, 50, False)
    assert (found.spent_fen, found.budget_share, found.cost_fen) == (6000, 30, 2000)


def test_a_copy_promises_the_same_from_tomorrow_on(people: Cast) -> None:
    row = make_campaign(people.merchant, over(10000), budget_fen=90000)
    code = make_code(
        merchant=people.merchant, asked=CodeAsked(kind="link", name="Letter"), by=people.owner
    )
    asked = PlanAsked("orders", 9, stop_uses=50, codes=[code.pk])
    write_plan(campaign_id=row.pk, asked=PlanAsked(stop_uses=50, codes=[code.pk]), by=people.owner)
    made = copy_campaign(campaign_id=row.pk, by=people.owner)
    assert (made.state, made.budget_fen, made.name_en) == ("draft", 90000, row.name_en)
    assert made.ends_at - made.begins_at == row.ends_at - row.begins_at
    assert made.begins_at > now()
    assert terms_of(made) == terms_of(row)
    assert made.batch.count == row.batch.count
    assert (made.plan.copied_from, made.plan.stop_uses, made.channels.get().code) == (row, 50, code)
    assert asked.unit
    with pytest.raises(RisksUnanswered):
        start_campaign(campaign_id=made.pk, by=people.owner)


def test_what_was_learnt_is_kept_when_it_is_over(people: Cast) -> None:
    row = make_campaign(people.merchant, over(10000))
    with pytest.raises(CampaignNotOver):
        note_lesson(campaign_id=row.pk, text="Again.", by=people.owner)
    end_campaign(campaign_id=row.pk, by=people.owner)
    note_lesson(campaign_id=row.pk, text="Again, on Tuesdays.", by=people.owner)
    assert Plan.objects.get().lesson == "Again, on Tuesdays."


def test_steps_are_ticked_and_opened_again(people: Cast) -> None:
    row = draft(people)
    assert tick_steps(campaign_id=row.pk, done=["staff", "both_names"], by=people.owner) == 1
    assert tick_steps(campaign_id=row.pk, done=["staff", "goods"], by=people.owner) == 1
    assert sorted(row.answers.values_list("question", flat=True)) == ["step:goods", "step:staff"]


def test_the_page_plans_answers_starts_and_closes(owner: Client, people: Cast) -> None:
    row = draft(people)
    shown = owner.get(page_of(row)).content.decode()
    assert "an order of ¥20 or less costs nothing" in shown
    assert "At most it costs ¥2,000." in shown
    act = {"action": "start", "_selected_action": [row.pk], "confirmed": "yes"}
    told = owner.post(reverse("admin:campaigns_campaign_changelist"), act, follow=True)
    assert any("answer the risks" in str(message) for message in told.context["messages"])
    sent = {"unit": "paid_fen", "goal": "500", "stop_fen": "300", "_plan": "1"}
    assert send(owner, row, **sent).status_code == 302
    assert (row.plan.goal, row.plan.stop_fen) == (50000, 30000)
    assert send(owner, row, answer_free="A gift.", _risks="1").status_code == 302
    assert send(owner, row, step=["staff"], _steps="1").status_code == 302
    wrong = send(owner, row, unit="orders", goal="", _plan="1")
    assert "goal" in wrong.context["form"].errors
    start_campaign(campaign_id=row.pk, by=people.owner)
    bought(people, row)
    shown = owner.get(page_of(row)).content.decode()
    assert "¥100 of ¥500" in shown
    end_campaign(campaign_id=row.pk, by=people.owner)
    assert send(owner, row, lesson="Once more.", _lesson="1").status_code == 302
    shown = owner.get(page_of(row)).content.decode()
    assert "Once more." in shown and "missed" in shown
    assert send(owner, row, _copy="1").status_code == 302
    assert Campaign.objects.count() == 2


def test_the_calendar_shows_each_campaign_in_its_weeks(owner: Client, people: Cast) -> None:
    row = make_campaign(people.merchant, over(10000))
    make_campaign(cast().merchant, over(10000), name_en="Of somebody else")
    page = owner.get(reverse("admin:campaigns_campaign_calendar"))
    weeks = [week for week in page.context["weeks"] if row in week.campaigns]
    assert 1 <= len(weeks) <= 3
    assert "Of somebody else" not in page.content.decode()


def test_who_only_sees_reads_the_plan_and_writes_nothing(people: Cast, client: Client) -> None:
    row = draft(people)
    client.force_login(people.stranger)
    assert client.get(page_of(row)).status_code == 404
    client.force_login(people.clerk)
    assert client.get(page_of(row)).status_code in {302, 403}
    answer_open_risks(row)
    pause = start_campaign(campaign_id=row.pk, by=people.owner)
    assert pause_campaign(campaign_id=pause.pk, by=people.owner).state == "paused"


def test_a_copy_keeps_who_bears_it(people: Cast) -> None:
    own, partner = merchant_key(people.merchant.pk), merchant_key(cast().merchant.pk)
    shares = [Share(own, 600), Share(partner, 400)]
    row = draft(people, over(10000), funders=shares)
    made = copy_campaign(campaign_id=row.pk, by=people.owner)
    found = dict(made.funders.values_list("party", "permille"))
    assert found == {own: 600, partner: 400}
