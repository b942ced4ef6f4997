"""Every sweep of beat goes on behind a bad item, and tells the operator of it.

The bad item is real: a trigger of the database refuses to touch one row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string

from campaigns.models import Campaign
from campaigns.services.coupons import claim_coupon
from catalog.models import Offer, Product
from kernel.clock import at, now
from kernel.idempotency.models import IdempotencyKey
from kernel.outbox.models import Delivery, OutboxEvent
from kernel.outbox.services import publish
from kernel.watch.models import Incident
from kernel.watch.sweeps import sweep
from members.models import ApiToken, User
from members.services.accounts import issue_token
from messages.models import Notification
from o2o.celery import app
from orders.models import Order
from payments.models import ReconciliationRun, Refund, SandboxTrade, Statement
from payments.sandbox.services import decide
from tests.campaigns.made import make_campaign
from tests.factories import (
    make_limited_offer,
    make_merchant,
    make_order,
    make_product,
    make_store,
    make_user,
    make_voucher,
    redeem,
    start_payment,
)
from tests.payments.books import earn
from vouchers.models import Redemption, Voucher
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def refuse(table: str, what: str, condition: str) -> None:
    """From now on the database refuses ``what`` (INSERT, UPDATE, DELETE) where ``condition``."""
    row = "NEW" if what != "DELETE" else "OLD"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'poison'; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER refuse BEFORE {what} ON {table} FOR EACH ROW"
            f" WHEN ({condition.replace('row.', f'{row}.')}) EXECUTE FUNCTION refuse()"
        )


class Story(NamedTuple):
    """What was made ready: when to sweep, and what is true of the good items afterwards."""

    moment: dt.datetime
    good: Callable[[], bool]
    incident: str


def states(model: type[models.Model], pks: list[int]) -> list[str]:
    rows = dict(model._default_manager.filter(pk__in=pks).values_list("pk", "state"))
    return [rows[pk] for pk in pks]


def overdue_orders() -> Story:
    pks = [make_order().pk for _ in range(3)]
    refuse("orders_order", "UPDATE", f"row.id = {pks[1]}")
    return Story(
        now() + HOUR,
        lambda: states(Order, pks) == ["timed_out", "pending", "timed_out"],
        f"order:{pks[1]}",
    )


def _paid_at_the_sandbox() -> list[Order]:
    orders = [make_order() for _ in range(3)]
    for order in orders:
        payment = start_payment(buyer=order.buyer, number=order.number, gateway="sandbox")
        decide(token=payment.pay_url.rstrip("/").rsplit("/", 1)[-1], outcome="paid")
    return orders


def silent_payments() -> Story:
    orders = _paid_at_the_sandbox()
    pks = [order.pk for order in orders]
    SandboxTrade.objects.update(delivered_at=now())  # told, and the message got lost
    refuse("orders_order", "UPDATE", f"row.id = {pks[1]}")
    return Story(
        now() + dt.timedelta(minutes=2),
        lambda: states(Order, pks) == ["paid", "pending", "paid"],
        "payment:",
    )


def undelivered_messages() -> Story:
    pks = [order.pk for order in _paid_at_the_sandbox()]
    refuse("orders_order", "UPDATE", f"row.id = {pks[1]}")
    return Story(
        now() + dt.timedelta(seconds=30),
        lambda: states(Order, pks) == ["paid", "pending", "paid"],
        "SBT",
    )


def waiting_refunds() -> Story:
    vouchers = [make_voucher() for _ in range(3)]
    for voucher in vouchers:
        refund_voucher(owner=voucher.owner, voucher_id=voucher.pk)
    pks = list(Refund.objects.order_by("pk").values_list("pk", flat=True))
    refuse("payments_refund", "UPDATE", f"row.id = {pks[1]}")
    return Story(
        now() + HOUR,
        lambda: states(Refund, pks) == ["succeeded", "requested", "succeeded"],
        f"refund:{pks[1]}",
    )


def closed_windows() -> Story:
    pks = [redeem(make_voucher(product=make_product(stores=[make_store()]))).pk for _ in range(3)]
    refuse("vouchers_redemption", "UPDATE", f"row.id = {pks[1]}")
    open_ones = Redemption.objects.filter(released_at__isnull=True)
    return Story(
        now() + HOUR,
        lambda: list(open_ones.values_list("pk", flat=True)) == [pks[1]],
        f"redemption:{pks[1]}",
    )


def ended_campaigns() -> Story:
    pks = [make_campaign(make_store().merchant).pk for _ in range(3)]
    refuse("campaigns_campaign", "UPDATE", f"row.id = {pks[1]}")
    running = Campaign.objects.filter(state=Campaign.State.RUNNING)
    return Story(
        now() + 8 * DAY,
        lambda: list(running.values_list("pk", flat=True)) == [pks[1]],
        f"campaign:{pks[1]}",
    )


def ending_coupons() -> Story:
    campaign = make_campaign(make_store().merchant)
    coupons = [claim_coupon(owner=make_user(), campaign_id=campaign.pk) for _ in range(3)]
    refuse("members_notification", "INSERT", f"row.user_id = {coupons[1].owner_id}")
    told = Notification.objects.filter(kind="coupon_ending")
    return Story(
        coupons[0].ends_at - DAY,
        lambda: (
            set(told.values_list("user_id", flat=True))
            == {coupons[0].owner_id, coupons[2].owner_id}
        ),
        f"coupon:{coupons[1].pk}",
    )


def ended_vouchers() -> Story:
    vouchers = [make_voucher() for _ in range(3)]
    pks = [voucher.pk for voucher in vouchers]
    refuse("vouchers_voucher", "UPDATE", f"row.id = {pks[1]}")
    active = Voucher.objects.filter(state="active")
    return Story(
        vouchers[0].valid_until + DAY,
        lambda: list(active.values_list("pk", flat=True)) == [pks[1]],
        f"voucher:{pks[1]}",
    )


def ending_vouchers() -> Story:
    vouchers = [make_voucher() for _ in range(3)]
    bad = vouchers[1]
    refuse("members_notification", "INSERT", f"row.user_id = {bad.owner_id}")
    told = Notification.objects.filter(kind__in=["voucher_expiring", "voucher_lapsing"])
    return Story(
        vouchers[0].valid_until - DAY,
        lambda: (
            set(told.values_list("user_id", flat=True))
            == {vouchers[0].owner_id, vouchers[2].owner_id}
        ),
        f"voucher:{bad.pk}",
    )


def begun_offers() -> Story:
    products = [make_product(price_fen=5000) for _ in range(3)]
    for product in products:
        make_limited_offer(product, price_fen=3000, starts_at=now() + HOUR, ends_at=now() + DAY)
    pks = [product.pk for product in products]
    refuse("catalog_product", "UPDATE", f"row.id = {pks[1]}")
    assert Offer.objects.filter(kind="limited").count() == 3
    follows = Product.objects.filter(price_fen=3000)
    return Story(
        now() + 2 * HOUR,
        lambda: set(follows.values_list("pk", flat=True)) == {pks[0], pks[2]},
        f"product:{pks[1]}",
    )


def earnings() -> Story:
    merchants = [make_merchant() for _ in range(3)]
    for merchant in merchants:
        earn(merchant, 10_000)
    refuse("payments_statement", "INSERT", f"row.merchant_id = {merchants[1].pk}")
    issued = Statement.objects.all()
    return Story(
        now() + DAY,
        lambda: (
            set(issued.values_list("merchant_id", flat=True)) == {merchants[0].pk, merchants[2].pk}
        ),
        f"merchant:{merchants[1].pk}",
    )


def bills() -> Story:
    bad = timezone.localdate(now()) - 3 * DAY
    refuse("payments_gatewaybill", "INSERT", f"row.day = '{bad:%Y-%m-%d}'")
    return Story(now(), lambda: ReconciliationRun.objects.count() == 29, f"gateway:sandbox:{bad}")


def old_accounts() -> Story:
    issue_token(user=make_user())
    Client().force_login(make_user())
    assert Session.objects.exists()
    refuse("members_apitoken", "DELETE", "row.id > 0")
    Session.objects.update(expire_date=timezone.now() - DAY)
    return Story(
        now() + 400 * DAY,
        lambda: ApiToken.objects.exists() and not Session.objects.exists(),
        "forget_expired_tokens",
    )


def old_events() -> Story:
    with transaction.atomic():
        publish("order.paid", order_id=1)
    OutboxEvent.objects.update(expanded_at=now() - 60 * DAY)
    IdempotencyKey.objects.create(scope="s", key="k", fingerprint="f", body=None)
    refuse("outbox_outboxevent", "DELETE", "row.id > 0")
    return Story(
        now() + 60 * DAY,
        lambda: OutboxEvent.objects.exists() and not IdempotencyKey.objects.exists(),
        "forget_done",
    )


def deliveries(*topics: tuple[str, dict[str, Any]]) -> Callable[[], Story]:
    """Events of one lane, the middle one about something that is not there."""

    def prepare() -> Story:
        with transaction.atomic():
            for topic, payload in topics:
                publish(topic, **payload)
        done = Delivery.objects.filter(done_at__isnull=False).select_related("event")
        good = [topics[0][1], topics[2][1]]
        return Story(now(), lambda: [delivery.event.payload for delivery in done] == good, "")

    return prepare


STORIES: dict[str, list[Callable[[], Story]]] = {
    "time-out-orders": [overdue_orders],
    "query-payments": [silent_payments, undelivered_messages],
    "query-refunds": [waiting_refunds],
    "release-redemptions": [closed_windows],
    "expire-vouchers": [ended_vouchers],
    "end-campaigns": [ended_campaigns],
    "remind-expiring": [ending_vouchers],
    "remind-coupons": [ending_coupons],
    "keep-results": [],  # tests/insights: it follows whole pages of rows, and is built anew from them
    "refresh-prices": [begun_offers],
    "settle": [earnings],
    "reconcile": [bills],
    "tidy-accounts": [old_accounts],
    "tidy-up": [old_events],
    "keep-touch-months": [],  # tests/stores/codes: the same
    "keep-fact-months": [],  # tests/kernel/facts: months have no items of their own
    "sweep-kept-pictures": [],  # tests/catalog/test_kept_pictures.py
    "audit": [],  # one look at everything: it has no items
    "drain-money": [
        deliveries(
            ("refund.succeeded", {"refund_id": 0}),
            ("payment.close", {"payment_id": 0}),
            ("refund.succeeded", {"refund_id": -1}),
        )
    ],
    "drain-sign-in": [
        deliveries(
            ("password.forgotten", {"user_id": 0}),
            ("password.forgotten", {"user": 5}),
            ("password.forgotten", {"user_id": -1}),
        )
    ],
    "drain-messages": [
        deliveries(
            ("review.written", {"review_id": 0}),
            ("order.paid", {"order_id": 0}),
            ("review.written", {"review_id": -1}),
        )
    ],
    "drain-insight": [
        deliveries(
            ("category.renamed", {"category_id": 0}),
            ("category.renamed", {"category": 5}),
            ("category.renamed", {"category_id": -1}),
        )
    ],
}


def test_every_sweep_of_beat_has_its_story() -> None:
    assert set(STORIES) == set(app.conf.beat_schedule)


@pytest.mark.parametrize(
    ("name", "prepare"),
    [(name, story) for name, stories in STORIES.items() for story in stories],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sweep_goes_on_behind_a_bad_item_and_reports_it(
    name: str, prepare: Callable[[], Story]
) -> None:
    story = prepare()
    entry = app.conf.beat_schedule[name]
    with at(story.moment):
        import_string(entry["task"])(*entry["args"])
    assert story.good()
    subjects = list(Incident.objects.values_list("subject", flat=True))
    if story.incident:
        assert len(subjects) == 1 and subjects[0].startswith(story.incident), subjects
    else:
        assert subjects == []


def test_a_whole_page_of_bad_items_stops_no_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kernel.watch.sweeps.BATCH", 2)
    pks = [make_user().pk for _ in range(7)]
    done: list[int] = []

    def act(pk: int) -> None:
        if pk in pks[:5]:
            raise ValueError(pk)
        done.append(pk)

    users = User.objects.filter(pk__in=pks)
    users.update(date_joined=now())  # equal values: the primary key decides
    sweep(users, act, by="date_joined", kind="test", noun="user", limit=100)
    assert done == pks[5:]
    assert Incident.objects.count() == 5
    done.clear()
    sweep(users, act, by="date_joined", kind="test", noun="user", limit=6)
    assert done == pks[5:6]
