"""Prove the published invariants on live data."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from django.db import connection, transaction

from insights.invariant import Invariant
from insights.invariants import INVARIANTS
from insights.models import AuditRun

ROWS_SHOWN = 20


class Finding(NamedTuple):
    """One row that breaks an invariant; ``expected`` and ``actual`` are fen or counts."""

    code: str
    rule: Any
    subject: str
    expected: Any
    actual: Any


def find_violations(*, invariants: tuple[Invariant, ...] = INVARIANTS) -> list[Finding]:
    """Run every invariant in one read-only snapshot and return what breaks it.

    At most ROWS_SHOWN rows per invariant. Locks nothing. Must not be called inside another
    transaction: the snapshot has to be its own.
    """
    findings = []
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for invariant in invariants:
            cursor.execute(f"SELECT * FROM ({invariant.sql}) broken LIMIT {ROWS_SHOWN}")  # noqa: S608
            findings += [Finding(invariant.code, invariant.rule, *row) for row in cursor.fetchall()]
    return findings


def run_audit() -> AuditRun:
    """Find violations and record the run for the operator's audit page."""
    started = time.monotonic()
    findings = find_violations()
    return AuditRun.objects.create(
        duration_ms=int((time.monotonic() - started) * 1000),
        is_clean=not findings,
        findings=[
            {
                "code": finding.code,
                "rule": str(finding.rule),
                "subject": str(finding.subject),
                "expected": str(finding.expected),
                "actual": str(finding.actual),
            }
            for finding in findings
        ],
    )
