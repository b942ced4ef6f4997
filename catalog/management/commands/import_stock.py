"""manage.py import_stock FILE --merchant SLUG: counts of a stock system, by store."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, ClassVar

from catalog.services.count_files import COLUMNS, StockImport
from kernel.imports.command import ImportCommand
from kernel.imports.report import Outcome
from stores.acting import acting_person, add_as, merchant_named, recorded
from stores.rights import Right


class Command(ImportCommand):
    help = (
        "Count what a CSV file (plain or .gz) says: StockCode, Store (your own numbers), Counted. "
        "Products named there are counted by store from then on. Safe to run again."
    )
    columns: ClassVar[tuple[str, ...]] = COLUMNS
    numbers = ("StockCode",)
    key = ("StockCode", "Store")
    label = "import_stock"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_as(parser)
        parser.add_argument("--merchant", required=True, help="The slug of the merchant.")

    def prepare(self, options: dict[str, Any]) -> None:
        merchant = merchant_named(options["merchant"])
        self.person = acting_person(
            identifier=options["acting"], right=Right.EDIT_STOCK, merchant_id=merchant.pk
        )
        self.run = StockImport(merchant, self.person)

    def import_batch(self, units: list[Any]) -> Outcome:
        with recorded(command=self.label, person=self.person):
            return self.run.import_batch(units)
