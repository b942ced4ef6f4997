"""One person, one event, one channel: once. What is claimed is never sent by a second hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from messages.errors import MailInFlight
from messages.models import Dispatch, Notification
from messages.services.email import MAIL_CLAIM_SECONDS, send_email
from messages.services.notify import notify
from messages.services.write import write_messages
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PAID = {"number": "R1", "total_fen": 100, "title_en": "A", "title_zh": "一"}


def tell(**fields: Any) -> Notification:
    message = notify(
        **({"kind": "order_paid", "params": PAID, "link": "/", "dedupe_key": "k"} | fields)
    )
    assert message is not None
    return message


def test_what_another_has_claimed_is_left_to_it_and_never_sent_again(mailoutbox: Any) -> None:
    message = tell(user_id=make_user().pk)
    claim = Dispatch.objects.create(
        notification=message, channel="email", state="claimed", moved_at=timezone.now()
    )
    Notification.objects.update(emailed_at=timezone.now())
    with pytest.raises(MailInFlight):
        send_email(notification_id=message.pk)
    claim.moved_at = timezone.now() - dt.timedelta(seconds=MAIL_CLAIM_SECONDS + 1)
    claim.save()
    send_email(notification_id=message.pk)
    assert mailoutbox == [], "nobody knows whether the one who died had sent it"
    assert Dispatch.objects.get().state == "claimed"


def test_what_the_release_before_claimed_or_sent_is_its_own(mailoutbox: Any) -> None:
    message = tell(user_id=make_user().pk)
    later = timezone.now() + dt.timedelta(minutes=1)
    Notification.objects.update(mail_claimed_until=later)
    with pytest.raises(MailInFlight):
        send_email(notification_id=message.pk)
    Notification.objects.update(mail_claimed_until=None, emailed_at=timezone.now())
    send_email(notification_id=message.pk)
    assert mailoutbox == [] and not Dispatch.objects.exists()


def test_many_are_written_once_each_and_mailed_to_those_who_want_it(
    drain: Any, mailoutbox: Any
) -> None:
    people = [make_user() for _ in range(3)]

    def rows() -> list[Notification]:
        return [
            Notification(user=one, kind="order_paid", params=PAID, dedupe_key=f"k:{one.pk}")
            for one in people
        ]

    assert write_messages(messages=rows()[:2], by_email={people[0].pk}) == 2
    assert write_messages(messages=rows(), by_email={one.pk for one in people}) == 1
    drain()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(
        str(one.email) for one in (people[0], people[2])
    )
    assert Notification.objects.count() == 3


def test_a_claim_is_one_statement(django_assert_num_queries: Any) -> None:
    message = tell(user_id=make_user().pk)
    with django_assert_num_queries(3):  # the message, the claim, what came of it
        send_email(notification_id=message.pk)
    assert connection.in_atomic_block
