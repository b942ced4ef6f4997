from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2o.embedded.translations import compile_translations
from tools import catalogue, strings


class Command(BaseCommand):
    help = "Collect the strings for people into locale/ and compile them; --check only reports."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail where something is wrong"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        faults = catalogue.unreadable_calls(strings.sources())
        for domain in strings.DOMAINS:
            wanted = strings.collect(domain=domain)
            total += len(wanted)
            path = catalogue.catalogue_path(domain)
            current = catalogue.read_catalogue(path)
            if not options["check"]:
                current = catalogue.merge(wanted, current)
                if catalogue.write_catalogue(current, path):
                    self.stdout.write(f"written: {path.name}")
            faults += catalogue.faults(wanted, current)
        if not options["check"]:
            compile_translations()
        self._report(total, faults)
        if options["check"] and faults:
            raise CommandError("The catalogue is not complete: run `make strings`, then translate.")

    def _report(self, total: int, faults: list[catalogue.Fault]) -> None:
        for fault in faults:
            self.stdout.write(str(fault))
        count = Counter(fault.kind for fault in faults)
        summary = ", ".join(f"{number} {kind}" for kind, number in sorted(count.items()))
        self.stdout.write(f"{total} strings: {summary or 'all translated'}")
