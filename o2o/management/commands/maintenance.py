from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import localtime

from kernel.http.maintenance import (
    MOST_MINUTES,
    USUAL_MINUTES,
    Maintenance,
    current,
    switch_off,
    switch_on,
)


class Command(BaseCommand):
    help = "Close the shop for maintenance, or open it again: on, off, status. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["on", "off", "status"])
        parser.add_argument(
            "--minutes",
            type=int,
            default=USUAL_MINUTES,
            help=f"about how long it will take, told to visitors (default {USUAL_MINUTES})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["minutes"] <= MOST_MINUTES:
            raise CommandError(f"--minutes must be between 1 and {MOST_MINUTES}: a week.")
        try:
            self.stdout.write(self._run(options["action"], options["minutes"]))
        except OSError as error:
            raise CommandError(f"{settings.MAINTENANCE_FILE}: {error.strerror}") from error

    def _run(self, action: str, minutes: int) -> str:
        if action == "on":
            return _closed(switch_on(minutes=minutes))
        if action == "off":
            return "The shop is open." if switch_off() else "The shop was open already."
        state = current()
        return _closed(state) if state else "The shop is open."


def _closed(state: Maintenance) -> str:
    since, until = localtime(state.since), localtime(state.until)
    return (
        f"The shop has been closed since {since:%Y-%m-%d %H:%M}, announced until {until:%H:%M}. "
        f"Open it with: manage.py maintenance off"
    )
