"""manage.py import_products FILE --merchant SLUG"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from catalog.models import Category
from catalog.services.imports import COLUMNS, CodeLines, ProductImport, gather_codes
from kernel.errors import Refusal
from kernel.imports.command import ImportCommand
from kernel.imports.files import Row
from kernel.imports.report import Outcome
from stores.acting import acting_person, add_as, merchant_named, recorded
from stores.models import Merchant
from stores.rights import Right


class Command(ImportCommand):
    help = (
        "Bring in one product per stock code of invoice lines (CSV, plain or .gz), prices at "
        "face value in yuan. Safe to stop and to run again."
    )
    columns: ClassVar[tuple[str, ...]] = COLUMNS
    numbers = ("StockCode",)
    key = ("StockCode",)
    label = "import_products"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_as(parser)
        parser.add_argument("--merchant", required=True, help="The slug of the merchant.")
        parser.add_argument(
            "--category",
            help="The slug of the category (default: the merchant's only one, or only top one).",
        )

    def prepare(self, options: dict[str, Any]) -> None:
        merchant = merchant_named(options["merchant"])
        self.person = acting_person(
            identifier=options["acting"], right=Right.EDIT_CATALOG, merchant_id=merchant.pk
        )
        try:
            self.run = ProductImport(merchant, self._category(merchant, options["category"]))
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None

    def _category(self, merchant: Merchant, slug: str | None) -> Category:
        if slug:
            category = Category.objects.select_related("parent").filter(slug=slug).first()
            if category is None:
                raise CommandError(
                    _("There is no category “%(slug)s”. Nothing was imported.") % {"slug": slug}
                )
            return category
        allowed = list(merchant.categories.select_related("parent"))
        # Its only category, or the only shelf on top: goods of no finer shelf belong there.
        tops = [category for category in allowed if category.parent_id is None]
        if len(allowed) == 1 or len(tops) == 1:
            return (tops or allowed)[0]
        slugs = ", ".join(category.slug for category in allowed) or "–"
        raise CommandError(
            _("Say which category with --category; the merchant may use: %(slugs)s.")
            % {"slugs": slugs}
        )

    def units(self, rows: Iterator[Row]) -> Iterable[Any]:
        for lines in gather_codes(rows):
            self.report.further += lines.rows - 1
            yield lines

    def rows_of(self, unit: CodeLines) -> list[Row]:
        return [unit.first]

    def import_batch(self, units: list[Any]) -> Outcome:
        with recorded(command=self.label, person=self.person):
            return self.run.import_batch(units)
