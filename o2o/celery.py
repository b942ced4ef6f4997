"""The Celery application and the beat schedule."""

from __future__ import annotations

import ctypes
import gc
import os
import sys

from celery import Celery, signals
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "o2o.settings")

app = Celery("o2o")
app.set_default()  # web threads publish too, not only the thread that imported this
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["o2o.outbox"])
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # Sweeps find what nobody was woken for; each is safe to run twice.
    "drain-outbox": {"task": "o2o.outbox.tasks.drain_outbox", "schedule": 5.0},
    "time-out-orders": {"task": "orders.tasks.time_out_orders", "schedule": 20.0},
    "query-payments": {"task": "orders.tasks.query_waiting_payments", "schedule": 30.0},
    "query-refunds": {"task": "orders.tasks.query_waiting_refunds", "schedule": 60.0},
    "release-redemptions": {"task": "vouchers.tasks.release_redemptions", "schedule": 60.0},
    "expire-vouchers": {"task": "vouchers.tasks.expire_vouchers", "schedule": 60.0},
    "remind-expiring": {
        "task": "vouchers.tasks.remind_expiring",
        "schedule": crontab(hour=10, minute=0),
    },
    "refresh-prices": {"task": "catalog.tasks.refresh_prices", "schedule": 30.0},
    "settle": {"task": "payments.tasks.settle_merchants", "schedule": crontab(hour=2, minute=10)},
    "reconcile": {
        "task": "payments.tasks.reconcile_bills",
        "schedule": crontab(hour=10, minute=20),
    },
    "audit": {"task": "insights.tasks.run_audit", "schedule": crontab(hour=4, minute=0)},
    "tidy-accounts": {"task": "members.tasks.tidy_accounts", "schedule": crontab(hour=5, minute=5)},
    "tidy-up": {"task": "o2o.outbox.tasks.tidy_up", "schedule": crontab(hour=5, minute=0)},
}


@signals.worker_ready.connect
def give_memory_back(**_: object) -> None:
    """After the imports a worker holds some 15 MiB of freed memory; return it to the system."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
