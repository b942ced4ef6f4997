"""manage.py import_stores FILE --merchant SLUG"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, ClassVar

from kernel.imports.command import ImportCommand
from kernel.imports.report import Outcome
from stores.acting import acting_person, add_as, merchant_named, recorded
from stores.rights import Right
from stores.services.imports import COLUMNS, StoreImport


class Command(ImportCommand):
    help = "Bring in stores from a CSV file, plain or .gz. Safe to stop and to run again."
    columns: ClassVar[tuple[str, ...]] = COLUMNS
    numbers = ("store_number",)
    unique = "store_number"
    key = ("store_number",)
    label = "import_stores"
    batch_size = 1000

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_as(parser)
        parser.add_argument("--merchant", required=True, help="The slug of the merchant.")

    def prepare(self, options: dict[str, Any]) -> None:
        merchant = merchant_named(options["merchant"])
        self.person = acting_person(
            identifier=options["acting"], right=Right.EDIT_STORES, merchant_id=merchant.pk
        )
        self.run = StoreImport(merchant)

    def import_batch(self, units: list[Any]) -> Outcome:
        with recorded(command=self.label, person=self.person):
            return self.run.import_batch(units)
