"""The inbox: stored once, worded in the reader's language, nobody else's."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from kernel.outbox.models import OutboxEvent
from messages.errors import UnknownKind
from messages.models import Notification
from messages.services.notify import notify
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PAID = {"number": "A1", "total_fen": 12345, "title_en": "Noodles", "title_zh": "面条"}


def tell(user, key="k", **changes):
    facts = {"kind": "order_paid", "params": PAID, "link": "/account/", "dedupe_key": key}
    return notify(user_id=user.pk, **(facts | changes))


def test_the_same_event_is_told_once():
    user = make_user()
    assert tell(user) is not None
    assert tell(user) is None
    assert user.notifications.count() == 1
    assert OutboxEvent.objects.filter(topic="notification.created").count() == 1


def test_a_message_and_its_event_commit_together():
    user = make_user()
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(user)
        raise IntegrityError
    assert not Notification.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_a_kind_without_words_is_refused_before_it_is_stored():
    with pytest.raises(UnknownKind):
        tell(make_user(), kind="no_such_kind")
    assert not Notification.objects.exists()


def test_messages_are_worded_in_the_readers_language(client):
    user = make_user(language="en")
    tell(user)
    client.force_login(user)
    assert "Paid: Noodles" in client.get(reverse("inbox")).content.decode()
    assert "¥123.45" in client.get(reverse("inbox")).content.decode()
    client.post(reverse("set_language"), {"language": "zh-hans"})
    assert "面条" in client.get(reverse("inbox")).content.decode()


def test_a_message_of_a_forgotten_kind_does_not_break_the_inbox(client):
    user = make_user()
    Notification.objects.create(user=user, kind="from_an_older_version", dedupe_key="x")
    client.force_login(user)
    assert "A message for you" in client.get(reverse("inbox")).content.decode()


def test_opening_a_message_marks_it_and_leads_on(client):
    user = make_user()
    message = tell(user)
    client.force_login(user)
    answer = client.post(reverse("notification_open", args=[message.pk]))
    message.refresh_from_db()
    assert answer.url == "/account/"
    assert message.read_at is not None


def test_somebody_elses_message_is_not_found_and_stays_unread(client):
    message = tell(make_user())
    client.force_login(make_user())
    assert client.post(reverse("notification_open", args=[message.pk])).status_code == 404
    message.refresh_from_db()
    assert message.read_at is None


def test_mark_all_touches_only_my_messages(client):
    me, other = make_user(), make_user()
    tell(me, "a")
    tell(me, "b")
    theirs = tell(other, "c")
    client.force_login(me)
    assert "Mark all as read" in client.get(reverse("inbox")).content.decode()
    client.post(reverse("inbox_read"))
    assert not me.notifications.filter(read_at__isnull=True).exists()
    theirs.refresh_from_db()
    assert theirs.read_at is None
    assert "Mark all as read" not in client.get(reverse("inbox")).content.decode()


def test_a_link_out_of_this_site_is_not_followed(client):
    user = make_user()
    message = tell(user, link="https://evil.example/")
    client.force_login(user)
    answer = client.post(reverse("notification_open", args=[message.pk]))
    assert answer.url == reverse("inbox")


def test_paging_shows_every_message_once_in_both_directions(client):
    user = make_user()
    for number in range(45):
        tell(user, str(number), params={**PAID, "title_en": f"Deal {number:02d}."})
    client.force_login(user)
    seen, url = [], reverse("inbox")
    while url:
        page = client.get(url).context["page"]
        seen.append([row.message.title for row in page.items])
        url = page.next_url and reverse("inbox") + page.next_url
    assert [title for titles in seen for title in titles] == [
        f"Paid: Deal {number:02d}." for number in range(44, -1, -1)
    ]
    back = client.get(reverse("inbox") + page.previous_url).context["page"]
    assert [row.message.title for row in back.items] == seen[1]


@pytest.mark.parametrize(
    "query",
    ["?cursor=x", "?cursor=-1", "?cursor=99999999999999999999999", "?cursor=²", "?cursor=%1B"],
)
def test_a_bad_page_address_is_ignored(client, query):
    client.force_login(make_user())
    assert client.get(reverse("inbox") + query).status_code == 200
