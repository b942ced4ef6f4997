"""Messages in bulk against a plain bulk insert of the same rows, in turn in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import count

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from members.models import User
from messages.models import Notification
from messages.services.write import BATCH, write_messages
from tools.bench.judge import Judge

PEOPLE, NOTES, ROUNDS = 200, 20_000, 5
OF_PLAIN = 1.0
A_SECOND = 10_000
_number = count()


def measure(judge: Judge) -> None:
    """Write NOTES messages to PEOPLE readers, ROUNDS times by each way; medians are judged."""
    readers = _readers()
    ours: list[float] = []
    plain: list[float] = []
    for _round in range(ROUNDS):
        plain.append(_rate(readers, _insert_plainly))
        ours.append(_rate(readers, _write))
    rate, ratio = statistics.median(ours), statistics.median(ours) / statistics.median(plain)
    judge.at_least("messages in bulk, of a plain bulk insert", ratio, "{:.2f} ×", OF_PLAIN)
    judge.at_least("messages in bulk, a second", rate, "{:,.0f}", A_SECOND)


def _readers() -> list[User]:
    password = make_password(None)
    people = [
        User(email=f"notes-{number}@o2o.invalid", display_name="Reader", password=password)
        for number in range(PEOPLE)
    ]
    return User.objects.bulk_create(people)


def _rate(readers: list[User], write: Callable[[list[Notification]], object]) -> float:
    """Messages a second; making them is counted, as a worker has to."""
    begin = time.perf_counter()
    write([_message(readers[number % PEOPLE]) for number in range(NOTES)])
    seconds = time.perf_counter() - begin
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_notification WHERE starts_with(dedupe_key, 'notes:')")
    return NOTES / seconds


def _message(reader: User) -> Notification:
    return Notification(
        user_id=reader.pk,
        kind="sale_made",
        params={
            "title_en": "Noodles",
            "title_zh": "面",
            "number": "A1",
            "quantity": 1,
            "total_fen": 990,
        },
        link="/admin/",
        dedupe_key=f"notes:{next(_number)}",
    )


def _write(messages: list[Notification]) -> None:
    write_messages(messages=messages, by_email=set())


def _insert_plainly(messages: list[Notification]) -> None:
    for start in range(0, len(messages), BATCH):
        with transaction.atomic():
            Notification.objects.bulk_create(messages[start : start + BATCH])
