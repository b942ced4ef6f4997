"""What the bell asks for: cheap, unchanged while nothing changes, nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from messages.models import Notification
from messages.selectors import MOST_UNREAD
from messages.services.inbox import mark_read
from tests.factories import cast, make_user

pytestmark = pytest.mark.django_db


def write(user: Any, count: int, **fields: Any) -> None:
    begun = Notification.objects.count()
    Notification.objects.bulk_create(
        Notification(user=user, kind="order_paid", dedupe_key=f"k{begun + number}", **fields)
        for number in range(count)
    )


def test_it_counts_what_is_unread_in_my_inbox(client: Client) -> None:
    me = make_user(language="en")
    write(me, 2)
    write(me, 1, in_inbox=False)
    write(make_user(), 3)
    client.force_login(me)
    said = client.get(reverse("bell")).json()
    assert (said["unread"], said["shown"]) == (2, "2")
    assert said["latest"] == max(me.notifications.in_inbox().values_list("pk", flat=True))
    mark_read(user=me)
    assert client.get(reverse("bell")).json()["unread"] == 0


def test_it_answers_in_two_statements_and_by_304_while_nothing_changes(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    me = make_user()
    write(me, 1)
    client.force_login(me)
    url = reverse("bell")
    client.get(url)
    with django_assert_max_num_queries(2):
        first = client.get(url)
    tag = first.headers["ETag"]
    same = client.get(url, headers={"if-none-match": tag})
    assert (same.status_code, same.content) == (304, b"")
    assert "no-store" in same.headers["Cache-Control"]
    write(me, 1)
    assert client.get(url, headers={"if-none-match": tag}).status_code == 200


def test_many_are_counted_to_a_hundred(client: Client) -> None:
    me = make_user(language="en")
    write(me, MOST_UNREAD + 20)
    client.force_login(me)
    said = client.get(reverse("bell")).json()
    assert (said["unread"], said["shown"]) == (MOST_UNREAD, "99+")
    assert said["words"] == "Inbox, more than 99 unread"
    html = client.get(reverse("home")).content.decode()
    assert 'aria-label="Inbox, more than 99 unread"' in html
    assert ">99+</span>" in html and "more than 99</span>" in html and ">100</span>" not in html
    assert "more than 99</span>" in client.get(reverse("account")).content.decode()


def test_a_hundredth_message_is_more_than_99(client: Client) -> None:
    me = make_user(language="en")
    write(me, 99)
    client.force_login(me)
    assert client.get(reverse("bell")).json()["words"] == "Inbox, 99 unread"
    assert 'aria-label="Inbox, 99 unread"' in client.get(reverse("home")).content.decode()


def test_console_and_back_office_have_a_bell_and_the_shop_has_none(client: Client) -> None:
    people = cast()
    client.force_login(people.owner)
    bell = f'data-bell="{reverse("bell")}"'
    for url in (reverse("console_home"), reverse("admin:index")):
        assert bell in client.get(url, follow=True).content.decode()
    assert bell not in client.get(reverse("home")).content.decode()
