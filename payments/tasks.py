"""Nightly work, each safe to run twice and each catching up with nights that were missed."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from payments.services.reconcile import reconcile_due
from payments.services.settlement import settle_all


@shared_task
def settle_merchants() -> int:
    """Issue the statements of the last whole day."""
    return settle_all()


@shared_task
def reconcile_bills() -> int:
    """Reconcile what waits of the last 30 days, vouchers included (settings.VOUCHER_TOTALS)."""
    path = settings.VOUCHER_TOTALS
    return reconcile_due(voucher_totals=import_string(path) if path else None)
