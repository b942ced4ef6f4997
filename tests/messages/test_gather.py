"""Sales told together: every sale in exactly one message, whatever crashes and whatever is chosen meanwhile."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Product
from kernel import clock
from kernel.message_kinds import Pace, all_kinds, all_news
from kernel.outbox.models import OutboxEvent
from members.services.accounts import issue_token
from messages.models import Notification, Preference
from messages.selectors import preferences_of
from messages.services import gather
from messages.services.gather import period_end
from messages.wording import word_notification
from orders.messages import SALES
from orders.models import Order
from orders.reactions import ITEMS_TOLD, tell_business_of_sale, tell_business_of_sales
from stores.models import StaffMembership
from tests.factories import Cast, cast, make_paid_order, make_product, offer_of

pytestmark = pytest.mark.django_db
PRICE = 2000


@pytest.fixture
def people() -> Cast:
    made = cast()
    choose(made, "hour")
    return made


@pytest.fixture
def product(people: Cast) -> Product:
    return make_product(merchant=people.merchant, title_en="Noodles", price_fen=PRICE)


def choose(people: Cast, pace: str, *channels: str) -> None:
    Preference.objects.update_or_create(
        user=people.owner,
        merchant=people.merchant,
        news="sales",
        defaults={"channels": list(channels or ("inbox",)), "pace": pace},
    )


def sell(people: Cast, product: Product, pieces: int = 1) -> Order:
    """A paid order, its sale followed by the worker."""
    order: Order = make_paid_order(people.buyer, offer_of(product), pieces)
    tell_business_of_sale(order_id=order.pk)
    return order


def told(people: Cast, kind: str = "sales_made") -> list[dict[str, Any]]:
    rows = people.owner.notifications.in_inbox().filter(kind=kind).order_by("pk")
    return [row.params for row in rows]


def deliver() -> None:
    for event in OutboxEvent.objects.filter(topic="sales.gathered"):
        tell_business_of_sales(**event.payload)


def test_what_can_be_told_together_has_a_kind_that_does() -> None:
    for news in all_news().values():
        assert not news.together or all_kinds()[news.together].news is news


def test_the_sales_of_an_hour_come_in_one_message(people: Cast, product: Product) -> None:
    for pieces in (1, 2, 3):
        sell(people, product, pieces)
    assert not people.owner.notifications.in_inbox().exists(), "not before the hour is over"
    assert not people.owner.notifications.unread().exists()
    assert Notification.objects.filter(kind="sale_made", user=people.teammate).count() == 3
    deliver()
    (params,) = told(people)
    assert (params["sales"], params["quantity"], params["total_fen"]) == (3, 6, 6 * PRICE)
    message = word_notification(people.owner.notifications.unread().get())
    assert "3" in message.title and "¥120" in message.title
    assert [item["quantity"] for item in message.items] == ["1", "2", "3"]
    deliver()
    assert len(told(people)) == 1


def test_the_event_is_due_when_the_period_is_over(people: Cast, product: Product) -> None:
    sell(people, product)
    event = OutboxEvent.objects.get(topic="sales.gathered")
    assert event.due_at == period_end(Pace.HOUR, clock.now())
    assert event.due_at > clock.now()


@pytest.mark.parametrize(
    ("pace", "moment", "end"),
    [
        (Pace.EACH, "2026-05-12T10:20:00+08:00", None),
        (Pace.HOUR, "2026-05-12T10:20:00+08:00", "2026-05-12T11:00:00+08:00"),
        (Pace.HOUR, "2026-05-12T23:59:59+08:00", "2026-05-13T00:00:00+08:00"),
        (Pace.DAY, "2026-05-12T00:00:00+08:00", "2026-05-13T00:00:00+08:00"),
        (Pace.DAY, "2026-12-31T23:00:00+08:00", "2027-01-01T00:00:00+08:00"),
    ],
)
def test_periods_end_by_the_platforms_clock(pace: Pace, moment: str, end: str | None) -> None:
    expected = dt.datetime.fromisoformat(end) if end else None
    assert period_end(pace, dt.datetime.fromisoformat(moment)) == expected


def test_a_sale_that_is_followed_twice_is_told_once_whatever_was_chosen_meanwhile(
    people: Cast, product: Product
) -> None:
    first, second = sell(people, product), sell(people, product)
    choose(people, "each")
    tell_business_of_sale(order_id=first.pk)
    third = sell(people, product)
    choose(people, "day")
    for order in (first, second, third):
        tell_business_of_sale(order_id=order.pk)
    deliver()
    assert [params["sales"] for params in told(people)] == [2]
    assert [params["number"] for params in told(people, "sale_made")] == [third.number]


def test_a_crash_while_telling_leaves_every_sale_for_the_next_try(
    people: Cast, product: Product, monkeypatch: Any
) -> None:
    sell(people, product)
    sell(people, product)

    def crash(**_: Any) -> int:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(gather, "write_messages", crash)
        with pytest.raises(RuntimeError):
            deliver()
    deliver()
    assert [params["sales"] for params in told(people)] == [2]


def test_a_sale_after_the_message_waits_for_the_next_one(people: Cast, product: Product) -> None:
    sell(people, product)
    deliver()
    with clock.at(clock.now() + dt.timedelta(hours=2)):
        sell(people, product)
        deliver()
    assert [params["sales"] for params in told(people)] == [1, 1]


def test_who_left_or_switched_it_off_is_told_nothing(people: Cast, product: Product) -> None:
    sell(people, product)
    StaffMembership.objects.filter(user=people.owner).update(active=False)
    deliver()
    StaffMembership.objects.filter(user=people.owner).update(active=True)
    deliver()
    assert told(people) == []


def test_many_sales_are_listed_up_to_a_bound_and_still_add_up(
    people: Cast, product: Product
) -> None:
    for _ in range(ITEMS_TOLD + 3):
        sell(people, product)
    deliver()
    (params,) = told(people)
    assert len(params["items"]) == ITEMS_TOLD
    assert sum(item["total_fen"] for item in params["items"]) == params["total_fen"]
    assert "3 more" in params["items"][-1]["title_en"]


def test_one_mail_for_many_sales(
    people: Cast, product: Product, drain: Any, mailoutbox: Any
) -> None:
    choose(people, "day", "email")
    sell(people, product)
    sell(people, product)
    drain()
    (mail,) = [mail for mail in mailoutbox if people.owner.email in mail.to]
    assert "¥40" in mail.subject
    assert not people.owner.notifications.in_inbox().exists()


def pace_of(people: Cast) -> Pace:
    (business,) = preferences_of(people.owner)
    return next(one.pace for one in business.heard if one.news is SALES)


def test_the_page_and_the_api_choose_how_often(people: Cast, client: Client) -> None:
    url, merchant = reverse("message_preferences"), people.merchant.pk
    client.force_login(people.owner)
    assert 'name="pace:sales"' in client.get(url).content.decode()
    client.post(url, {"merchant": merchant, "hear": ["sales:inbox"], "pace:sales": "day"})
    assert pace_of(people) == Pace.DAY
    client.post(url, {"merchant": merchant, "hear": ["sales:inbox"]})
    assert pace_of(people) == Pace.DAY
    assert client.post(url, {"merchant": merchant, "pace:sales": "never"}).status_code == 400
    key = {"Authorization": f"Bearer {issue_token(user=people.owner)}"}

    def patch(*news: dict[str, Any]) -> int:
        return client.patch(
            "/api/v1/me/message-preferences",
            {"merchant": merchant, "news": list(news)},
            content_type="application/json",
            headers=key,
        ).status_code

    assert patch({"code": "sales", "channels": ["email"]}) == 200
    assert pace_of(people) == Pace.DAY
    assert patch({"code": "sales", "channels": ["email"], "pace": "each"}) == 200
    assert pace_of(people) == Pace.EACH
    assert patch({"code": "stock", "channels": ["email"], "pace": "day"}) == 400
