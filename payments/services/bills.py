"""Fetch a gateway's daily bill and keep its lines."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from itertools import islice

from django.db import DataError, IntegrityError, connection, transaction

from kernel.clock import now
from payments.errors import BadBill
from payments.gateways.base import BillRow, get_gateway
from payments.models import BillLine, GatewayBill

_BATCH = 2000


def fetch_bill(*, gateway: str, day: dt.date) -> GatewayBill:
    """Download the bill of ``day`` (in the gateway's time zone) and keep it; safe to repeat.

    A network call first, outside any transaction; then one transaction that locks the bill.
    The same file again changes nothing; a corrected one replaces the lines. Raises
    UnknownGateway, BillNotReady before the day is over, BadBill, GatewayUnavailable.
    """
    adapter = get_gateway(gateway)
    content = adapter.download_bill(day=day)
    digest = hashlib.sha256(content).hexdigest()
    rows = adapter.parse_bill(content=content)
    try:
        return _keep(gateway, day, digest, rows)
    except (IntegrityError, DataError) as error:
        raise BadBill(reason="a number is too long or stands there twice") from error


def _keep(gateway: str, day: dt.date, digest: str, rows: Iterable[BillRow]) -> GatewayBill:
    with transaction.atomic():
        bill, made = GatewayBill.objects.get_or_create(
            gateway=gateway, day=day, defaults={"digest": digest}
        )
        bill = GatewayBill.objects.select_for_update(of=("self",)).get(pk=bill.pk)
        if not made and bill.digest == digest:
            return bill
        bill.lines.all().delete()
        _write_lines(bill, rows)
        bill.digest, bill.fetched_at = digest, now()
        bill.save(update_fields=["digest", "fetched_at"])
    return bill


def _write_lines(bill: GatewayBill, rows: Iterable[BillRow]) -> None:
    waiting, written = iter(rows), 0
    while batch := list(islice(waiting, _BATCH)):
        written += len(batch)
        BillLine.objects.bulk_create(
            BillLine(
                bill=bill,
                kind=row.kind,
                our_number=row.our_number,
                gateway_number=row.gateway_number,
                amount_fen=row.amount_fen,
                fee_fen=row.fee_fen,
                occurred_at=row.occurred_at,
            )
            for row in batch
        )
    if written >= _BATCH:
        # The comparison follows at once; without fresh statistics the planner takes the bill
        # for one line and compares every line with every payment.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE payments_billline")
