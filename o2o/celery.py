"""The Celery application, its queues (the lanes of the outbox) and the beat schedule."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from typing import Any

from celery import Celery, signals
from celery.schedules import crontab
from django.db import close_old_connections
from kombu import Queue

from o2o.embedded.pools import POOLS

os.environ["DJANGO_SETTINGS_MODULE"] = "o2o.settings"

app = Celery("o2o")
app.set_default()  # web threads publish too, not only the thread that imported this
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["kernel.outbox", "kernel.facts"])
app.autodiscover_tasks()
app.conf.task_queues = [Queue(lane) for pool in POOLS for lane in pool.lanes]
app.conf.task_default_queue = "insight"
app.conf.task_create_missing_queues = False
# A thread keeps its connection from task to task, as the web's does from request to request; one
# that is broken or too old (CONN_MAX_AGE) is closed. Celery would close it after every task: a new
# one costs PostgreSQL a process that reads the description of every table anew.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize
signals.task_prerun.connect(close_old_connections)
signals.task_postrun.connect(close_old_connections)


def _sweep(task: str, lane: str, schedule: float | crontab, *arguments: str) -> dict[str, Any]:
    """An entry of beat. A sweep that nobody took is overtaken by the next one, and expires."""
    expires = schedule if isinstance(schedule, float) else 3600
    options = {"queue": lane, "expires": max(expires, 10)}
    return {"task": task, "schedule": schedule, "args": arguments, "options": options}


# Sweeps find what nobody was woken for; each is safe to run twice.
_DRAIN = "kernel.outbox.tasks.drain_lane"
app.conf.beat_schedule = {
    "drain-money": _sweep(_DRAIN, "money", 5.0, "money"),
    "drain-sign-in": _sweep(_DRAIN, "sign-in", 2.0, "sign-in"),
    "drain-messages": _sweep(_DRAIN, "messages", 5.0, "messages"),
    "drain-insight": _sweep(_DRAIN, "insight", 5.0, "insight"),
    "time-out-orders": _sweep("orders.tasks.time_out_orders", "money", 20.0),
    "query-payments": _sweep("orders.tasks.query_waiting_payments", "money", 30.0),
    "query-refunds": _sweep("orders.tasks.query_waiting_refunds", "money", 60.0),
    "release-redemptions": _sweep("vouchers.tasks.release_redemptions", "money", 60.0),
    "expire-vouchers": _sweep("vouchers.tasks.expire_vouchers", "money", 60.0),
    "end-campaigns": _sweep("campaigns.tasks.end_due", "money", 60.0),
    "refresh-prices": _sweep("catalog.tasks.refresh_prices", "money", 30.0),
    "sweep-kept-pictures": _sweep(
        "stores.tasks.sweep_kept_pictures", "insight", crontab(minute=25)
    ),
    "settle": _sweep("payments.tasks.settle_merchants", "money", crontab(hour=2, minute=10)),
    "reconcile": _sweep("payments.tasks.reconcile_bills", "money", crontab(hour=10, minute=20)),
    "remind-expiring": _sweep(
        "vouchers.tasks.remind_expiring", "messages", crontab(hour=10, minute=0)
    ),
    "remind-coupons": _sweep(
        "campaigns.tasks.remind_ending", "messages", crontab(hour=10, minute=5)
    ),
    "audit": _sweep("insights.tasks.run_audit", "insight", crontab(hour=4, minute=0)),
    "keep-results": _sweep("insights.tasks.keep_results", "insight", 60.0),
    "tidy-accounts": _sweep("members.tasks.tidy_accounts", "insight", crontab(hour=5, minute=5)),
    "keep-fact-months": _sweep(
        "kernel.facts.tasks.keep_fact_months", "insight", crontab(hour=4, minute=40)
    ),
    "keep-touch-months": _sweep(
        "stores.codes.tasks.keep_touch_months", "insight", crontab(hour=4, minute=45)
    ),
    "tidy-up": _sweep("kernel.outbox.tasks.tidy_up", "insight", crontab(hour=5, minute=0)),
}


@signals.worker_ready.connect
def give_memory_back(**_: object) -> None:
    """After the imports a worker holds some 15 MiB of freed memory; return it to the system."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
