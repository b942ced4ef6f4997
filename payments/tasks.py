"""Nightly work, each safe to run twice and each catching up with nights that were missed."""

from __future__ import annotations

from celery import shared_task

from payments.services.reconcile import reconcile_due
from payments.services.settlement import settle_all
from payments.sides import voucher_totals


@shared_task
def settle_merchants() -> int:
    """Issue the statements of the last whole day."""
    return settle_all()


@shared_task
def reconcile_bills() -> int:
    """Reconcile what waits of the last 30 days, vouchers included."""
    return reconcile_due(voucher_totals=voucher_totals())
