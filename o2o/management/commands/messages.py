from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from o2o.embedded.translations import compile_translations
from o2o.management import catalogue


class Command(BaseCommand):
    help = "Collect the strings for people into locale/ and compile them; --check only reports."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail where something is wrong"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = catalogue.collect()
        if not options["check"]:
            merged = catalogue.merge(wanted, catalogue.read_catalogue())
            if catalogue.write_catalogue(merged):
                self.stdout.write("written: locale/zh_Hans/LC_MESSAGES/django.po")
            compile_translations()
        faults = catalogue.faults(wanted, catalogue.read_catalogue())
        faults += catalogue.unreadable_calls(catalogue.sources())
        for fault in faults:
            self.stdout.write(str(fault))
        count = Counter(fault.kind for fault in faults)
        summary = ", ".join(f"{number} {kind}" for kind, number in sorted(count.items()))
        self.stdout.write(f"{len(wanted)} strings: {summary or 'all translated'}")
        if options["check"] and faults:
            raise CommandError(
                "The catalogue is not complete: run `make messages`, then translate."
            )
