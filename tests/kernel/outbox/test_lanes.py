"""The lanes agree: reactions, beat, workers, and the words of the back office."""

from __future__ import annotations

import pytest
from celery import current_app
from django.core.cache import cache
from django.db import transaction

from insights.wording import TASKS, TOPICS
from kernel.outbox import services
from kernel.outbox.lanes import Lane, lanes_of, registered_consumers
from kernel.outbox.services import allow_waking, publish, wake_lane
from o2o.celery import app
from o2o.embedded.pools import POOLS
from o2o.reactions import CONSUMERS

CONSUMER_NAMES = {consumer.name for some in CONSUMERS.values() for consumer in some}
# What must reach a gateway or finish a refund, and what a person waits for at the login.
MONEY = {
    *("send_refund", "finish_refund", "close_payment", "finish_deposit", "finish_sent_back"),
    "give_coupons_back",
}
SIGN_IN = {"send_email_link", "send_password_reset"}


def test_the_table_of_reactions_is_the_one_workers_go_by() -> None:
    assert dict(registered_consumers()) == dict(CONSUMERS)


def test_every_lane_is_served_by_exactly_one_pool_and_money_and_sign_in_stand_alone() -> None:
    served = [lane for pool in POOLS for lane in pool.lanes]
    assert sorted(served) == sorted(Lane.values)
    assert ("money",) in [pool.lanes for pool in POOLS]
    assert ("sign-in",) in [pool.lanes for pool in POOLS]
    assert {queue.name for queue in app.conf.task_queues} == set(Lane.values)


def test_money_and_sign_in_run_in_their_lanes_and_nothing_else_does() -> None:
    lanes = {consumer.name: consumer.lane for some in CONSUMERS.values() for consumer in some}
    assert {name for name, lane in lanes.items() if lane == Lane.MONEY} == MONEY
    assert {name for name, lane in lanes.items() if lane == Lane.SIGN_IN} == SIGN_IN


def test_beat_sends_every_sweep_to_a_lane_and_lets_it_expire() -> None:
    lanes = {
        name: (entry["options"]["queue"], entry["options"]["expires"])
        for name, entry in app.conf.beat_schedule.items()
    }
    assert all(expires > 0 for _lane, expires in lanes.values())
    for lane in Lane.values:
        assert lanes[f"drain-{lane}"][0] == lane
        assert app.conf.beat_schedule[f"drain-{lane}"]["args"] == (lane,)
    money = {name for name, (lane, _expires) in lanes.items() if lane == "money"}
    assert {"time-out-orders", "query-refunds", "expire-vouchers", "settle", "reconcile"} < money
    assert {"audit", "tidy-up", "tidy-accounts", "remind-expiring"}.isdisjoint(money)


def test_every_topic_and_every_consumer_has_words() -> None:
    assert set(TOPICS) == set(CONSUMERS)
    assert set(TASKS) == CONSUMER_NAMES


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was put into the queues: (queue, lane to drain)."""
    messages: list[tuple[str, str]] = []
    monkeypatch.setattr(
        current_app._get_current_object(),
        "send_task",
        lambda name, args, queue, **_options: messages.append((queue, args[0])),
    )
    monkeypatch.setattr(services, "_asked", {})
    cache.clear()
    return messages


@pytest.mark.django_db(transaction=True)
def test_publishing_wakes_the_lanes_concerned_once_a_second(sent: list[tuple[str, str]]) -> None:
    for number in range(3):
        with transaction.atomic():
            publish("refund.requested", refund_id=number)
            assert sent == [] or number, "not before the commit"
    assert sorted(sent) == [("messages", "messages"), ("money", "money")]
    assert lanes_of("refund.requested") == {Lane.MONEY, Lane.MESSAGES}
    with transaction.atomic():
        publish("category.renamed", category_id=1)
    assert sent[2:] == [("insight", "insight")]


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_published_while_a_worker_looks_wakes_again_at_once(
    sent: list[tuple[str, str]],
) -> None:
    """A person waits: the second link of a second is not left to beat."""
    for number in range(3):
        with transaction.atomic():
            publish("password.forgotten", user_id=number)
        if number == 1:
            allow_waking("sign-in")
    assert sent == [("sign-in", "sign-in")] * 2


def test_one_message_waits_at_a_time_until_a_worker_looks(sent: list[tuple[str, str]]) -> None:
    wake_lane(Lane.MONEY)
    wake_lane(Lane.MONEY)
    assert len(sent) == 1
    allow_waking("money")
    wake_lane(Lane.MONEY)
    assert len(sent) == 2
