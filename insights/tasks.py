from __future__ import annotations

import logging

from celery import shared_task

from insights.services import audit
from insights.services.keep import keep_results as keep

logger = logging.getLogger(__name__)


@shared_task
def run_audit() -> None:
    """Nightly proof of the invariants; a finding is an error in the log and in the admin."""
    run = audit.run_audit()
    if not run.is_clean:
        logger.error("audit found %d broken rows: %s", len(run.findings), run.findings[:3])


@shared_task
def keep_results() -> int:
    """What campaigns and channels brought follows the books; safe to run twice."""
    return keep()
