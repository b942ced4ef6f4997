from __future__ import annotations

from celery import shared_task

from kernel.watch.services import try_each
from orders.services.cancel import end_balances_due, time_out_due
from orders.services.pay import query_waiting_payments as query_payments
from orders.services.sandbox import deliver_undelivered
from payments.services.refunds import query_waiting_refunds as query_refunds


@shared_task
def time_out_orders() -> int:
    """Close overdue orders and give their stock back; safe to run twice."""
    return time_out_due() + end_balances_due()


@shared_task
def query_waiting_payments() -> int:
    """Ask the gateways about silent payments, and deliver what the sandbox still owes us."""
    steps = [deliver_undelivered, query_payments]
    return sum(
        try_each(
            steps, lambda step: step(), kind="orders.sweep", subject=lambda step: step.__name__
        )
    )


@shared_task
def query_waiting_refunds() -> int:
    """Ask the gateways for refunds without a final word; safe to run twice."""
    return query_refunds()
