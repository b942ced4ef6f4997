from __future__ import annotations

import sys
from typing import Any

from django.apps import AppConfig
from django.core.signals import got_request_exception
from django.utils.translation import gettext_lazy as _


class WatchConfig(AppConfig):
    name = "kernel.watch"
    label = "watch"
    verbose_name = _("Incidents")

    def ready(self) -> None:
        """A request that ends in an error of ours is an incident, too."""
        got_request_exception.connect(_report_error, dispatch_uid="watch.errors")


def _report_error(sender: Any, request: Any = None, **_: Any) -> None:
    from kernel.watch.services import report_incident  # noqa: PLC0415 - models are not loaded before

    error = sys.exc_info()[1]
    if error is not None:
        match = getattr(request, "resolver_match", None)
        where = match.view_name if match else "?"
        subject = f"{where} {getattr(request, 'method', '')}".strip()
        report_incident(kind="web.error", subject=subject, error=error)
