"""What each person hears: by page and API, for their businesses and their rights alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from members.services.accounts import issue_token
from messages.models import Preference
from messages.selectors import preferences_of
from messages.services.notify import notify
from stores.models import StaffMembership
from tests.factories import Cast, cast, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


def api(user: Any) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user=user)}")
    return client


def heard(user: Any) -> dict[str, set[str]]:
    (business,) = preferences_of(user)
    return {one.news.code: set(one.channels) for one in business.heard}


def test_each_role_is_offered_what_its_rights_show(people: Cast) -> None:
    finance = make_staff(people.store, role="finance")
    here = {"sales_here", "refunds_here"}
    assert set(heard(people.clerk)) == {"redemptions", "stock", "reviews"} | here
    assert set(heard(finance)) == {"sales", "payouts", "campaigns"}
    assert {"sales", "redemptions", "refunds", "reviews", "stock", "payouts", "staff"} <= set(
        heard(people.owner)
    )
    assert heard(people.owner)["sales"] == {"inbox"}
    assert heard(people.owner)["redemptions"] == set()
    assert not here & set(heard(people.owner)), "who hears of every sale hears more"


def test_who_is_limited_to_stores_is_offered_what_happens_there(people: Cast) -> None:
    manager = make_staff(people.other_store, role="manager")
    StaffMembership.objects.filter(user=manager).update(limited=True)
    offered = {"redemptions", "reviews", "stock", "sales_here", "refunds_here"}
    assert set(heard(manager)) == offered


def test_the_page_saves_the_whole_of_a_business(people: Cast, client: Client) -> None:
    client.force_login(people.owner)
    url = reverse("message_preferences")
    page = client.get(url)
    assert page.status_code == 200 and people.merchant.name in page.content.decode()
    ticked = ["sales:email", "sales:inbox", "staff:inbox", "nonsense:inbox"]
    client.post(url, {"merchant": people.merchant.pk, "hear": ticked})
    now = heard(people.owner)
    assert now["sales"] == {"inbox", "email"} and now["staff"] == {"inbox"}
    assert not any(now[code] for code in ("refunds", "reviews", "stock", "payouts"))
    assert not Preference.objects.exclude(user=people.owner).exists()


def test_who_works_nowhere_and_other_businesses_are_not_found(people: Cast, client: Client) -> None:
    url = reverse("message_preferences")
    client.force_login(people.buyer)
    assert client.get(url).status_code == 404
    client.force_login(people.stranger)
    for merchant in (people.merchant.pk, "x", 10**30):
        assert client.post(url, {"merchant": merchant}).status_code == 404
    assert not Preference.objects.exists()


def test_the_inbox_leads_to_the_choice_only_at_work(people: Cast, client: Client) -> None:
    url = reverse("message_preferences")
    client.force_login(people.clerk)
    assert url in client.get(reverse("inbox")).content.decode()
    client.force_login(people.operator)
    assert url not in client.get(reverse("inbox")).content.decode(), "works for no business"
    client.force_login(people.buyer)
    assert url not in client.get(reverse("inbox")).content.decode()


def test_by_api_what_is_not_named_stays(people: Cast) -> None:
    mine = api(people.owner)
    body = {"merchant": people.merchant.pk, "news": [{"code": "stock", "channels": ["inbox"]}]}
    answer = mine.patch("/api/v1/me/message-preferences", body, format="json")
    assert answer.status_code == 200
    assert heard(people.owner)["stock"] == {"inbox"}
    assert heard(people.owner)["sales"] == {"inbox"}
    (business,) = mine.get("/api/v1/me/message-preferences").json()["businesses"]
    told = {row["code"]: row["channels"] for row in business["news"]}
    assert told["stock"] == ["inbox"] and told["reviews"] == ["inbox", "email"]


@pytest.mark.parametrize(
    ("news", "status"),
    [
        ([{"code": "sales", "channels": ["inbox"]}], 400),  # a clerk may not see sales
        ([{"code": "redemptions", "channels": ["pigeon"]}], 400),
        ([{"code": "redemptions", "channels": ["inbox", "inbox"]}], 200),
        ("all", 400),
    ],
)
def test_what_is_not_offered_is_refused_and_changes_nothing(
    people: Cast, news: Any, status: int
) -> None:
    body = {"merchant": people.merchant.pk, "news": news}
    answer = api(people.clerk).patch("/api/v1/me/message-preferences", body, format="json")
    assert answer.status_code == status
    assert Preference.objects.exists() == (status == 200)


def test_messages_by_api_are_mine_worded_and_marked(people: Cast) -> None:
    facts = {"number": "A1", "total_fen": 12345, "title_en": "Noodles", "title_zh": "面条"}
    rows = [
        notify(user_id=user.pk, kind="order_paid", params=facts, link="/x/", dedupe_key=key)
        for user, key in ((people.buyer, "a"), (people.buyer, "b"), (people.owner, "c"))
    ]
    mine = api(people.buyer)
    first = mine.get("/api/v1/me/messages?page_size=1").json()
    assert len(first["results"]) == 1 and first["next"]
    assert "¥123.45" in first["results"][0]["body"]
    assert first["results"][0]["read_at"] is None
    ids = [row.pk for row in rows if row]
    assert mine.post("/api/v1/me/messages/read", {"messages": ids[::2]}, format="json").json() == {
        "marked": 1
    }
    assert mine.post("/api/v1/me/messages/read", {}, format="json").json() == {"marked": 1}
    assert people.owner.notifications.unread().count() == 1


def test_counter_and_back_office_lead_to_the_choice(people: Cast, client: Client) -> None:
    url = reverse("message_preferences")
    for person, page in (
        (people.clerk, reverse("console_store", args=[people.store.pk])),
        (people.owner, reverse("console_today", args=[people.store.pk])),
        (people.owner, reverse("admin:index")),
    ):
        client.force_login(person)
        assert f'href="{url}"' in client.get(page).content.decode()
    assert (
        f'href="{reverse("console_codes")}"'
        in client.get(reverse("console_stock", args=[people.store.pk])).content.decode()
    )
