from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.invariants import INVARIANTS
from insights.services.audit import run_audit
from kernel.outbox.selectors import parked_deliveries


class Command(BaseCommand):
    help = "Prove the ledger, voucher and order invariants on live data; exit 1 if one fails."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        run = run_audit()
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "clean": run.is_clean,
                        "findings": run.findings,
                        "parked": parked_deliveries(),
                    },
                    indent=2,
                )
            )
        else:
            self._print(run.findings)
            self.stdout.write(
                _("%(count)d invariants checked in %(ms)d ms.")
                % {
                    "count": len(INVARIANTS),
                    "ms": run.duration_ms,
                }
            )
            self._print_parked()
        if not run.is_clean:
            raise CommandError(
                _("%(count)d rows break an invariant. The money is listed above.")
                % {"count": len(run.findings)}
            )

    def _print_parked(self) -> None:
        """What the outbox gave up breaks no invariant; the operator decides about it."""
        count = parked_deliveries()
        if count:
            text = ngettext(
                "%(count)d background task was given up; the outbox in the back office says why.",
                "%(count)d background tasks were given up; the outbox in the back office says why.",
                count,
            )
            self.stdout.write(self.style.WARNING(text % {"count": count}))

    def _print(self, findings: list[dict[str, str]]) -> None:
        broken = {finding["code"] for finding in findings}
        for invariant in INVARIANTS:
            mark = (
                self.style.ERROR("FAIL") if invariant.code in broken else self.style.SUCCESS("ok  ")
            )
            self.stdout.write(f"{mark} {invariant.rule}")
            for finding in findings:
                if finding["code"] == invariant.code:
                    self.stdout.write(
                        _("       %(subject)s: expected %(expected)s, found %(actual)s") % finding
                    )
