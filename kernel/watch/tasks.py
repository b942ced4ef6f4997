"""A task carries the id of the request that started it, in the message's headers."""

from __future__ import annotations

from typing import Any

import structlog
from celery import signals

from kernel.watch.logs import begin_request, current_request_id

HEADER = "o2o_request_id"


@signals.before_task_publish.connect(weak=False)
def send_id(headers: dict[str, Any] | None = None, **_: object) -> None:
    """Put the id of this request, or of the task that starts another, into the message."""
    identifier = current_request_id()
    if identifier and headers is not None:
        headers[HEADER] = identifier


@signals.task_prerun.connect(weak=False)
def take_id(task: Any = None, task_id: str = "", **_: object) -> None:
    """From here on every log line of the task carries both ids."""
    structlog.contextvars.clear_contextvars()
    given = task.request.get(HEADER) if task is not None else None
    begin_request(given or "")
    structlog.contextvars.bind_contextvars(task_id=task_id)


@signals.task_postrun.connect(weak=False)
def forget_id(**_: object) -> None:
    """The thread's next task is another story."""
    begin_request("")
    structlog.contextvars.clear_contextvars()
