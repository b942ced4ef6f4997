"""manage.py replay_orders FILE --limit N"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from catalog.models import Product
from kernel.imports.command import ImportCommand
from kernel.imports.decoding import BadFileError
from kernel.imports.files import Row
from kernel.imports.report import Outcome
from kernel.outbox.services import drain
from stores.models import Merchant, StaffMembership, Store
from tools.replay import COLUMNS, Invoice, InvoiceReplay, gather_invoices

FIRST_ROWS = 100


class Command(ImportCommand):
    help = (
        "Replay real invoices (CSV, plain or .gz) through the real services: place, pay by the "
        "sandbox, issue, redeem; C invoices become refunds. Safe to stop and to run again."
    )
    columns: ClassVar[tuple[str, ...]] = COLUMNS
    numbers = ("InvoiceNo", "StockCode")
    key = ("InvoiceNo", "StockCode")
    label = "replay_orders"
    batch_size = 10

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--limit", type=int, help="Replay the first N invoices only.")
        parser.add_argument(
            "--merchant",
            help="The slug of the merchant (default: the only one that sells the codes of the file).",
        )

    def prepare(self, options: dict[str, Any]) -> None:
        if not settings.SANDBOX_GATEWAY:
            raise CommandError(
                _("Invoices are paid with the sandbox gateway. Set SANDBOX_GATEWAY=1.")
            )
        if options["limit"] is not None and options["limit"] < 1:
            raise CommandError(_("--limit is 1 or more."))
        self.limit: int | None = options["limit"]
        merchant = self._merchant(options["merchant"], options["file"])
        store = Store.objects.filter(merchant=merchant, state=Store.State.ACTIVE).first()
        owner = merchant.staff.filter(role=StaffMembership.Role.OWNER, active=True).first()
        if store is None or owner is None:
            raise CommandError(
                _("%(merchant)s needs a store and an owner to redeem. Nothing was replayed.")
                % {"merchant": merchant}
            )
        self.run = InvoiceReplay(merchant, store, owner.user)

    def _merchant(self, slug: str | None, path: Path) -> Merchant:
        merchants = Merchant.objects.filter(state=Merchant.State.APPROVED)
        if slug:
            found = merchants.filter(slug=slug).first()
            if found is None:
                raise CommandError(
                    _("There is no approved merchant “%(slug)s”. Nothing was replayed.")
                    % {"slug": slug}
                )
            return found
        try:
            codes = {row.cells["StockCode"] for row in islice(self.file(path), FIRST_ROWS)}
        except BadFileError as error:
            raise CommandError(str(error)) from None
        sellers = Product.objects.filter(external_code__in=codes).values("merchant")
        found_all = list(merchants.filter(pk__in=sellers))
        if len(found_all) != 1:
            raise CommandError(
                _("Say whose invoices these are with --merchant; import_products comes first.")
            )
        return found_all[0]

    def units(self, rows: Iterator[Row]) -> Iterable[Any]:
        return gather_invoices(rows, limit=self.limit, unread=self._unread)

    def _unread(self) -> None:
        """The row that showed where the last invoice ended belongs to nobody."""
        self.report.read -= 1

    def rows_of(self, unit: Invoice) -> list[Row]:
        return unit.rows

    def import_batch(self, units: list[Invoice]) -> Outcome:
        total = Outcome()
        for invoice in units:
            outcome = self.run.replay(invoice)
            total.made += outcome.made
            total.unchanged += outcome.unchanged
            total.refused += outcome.refused
        # Refunds and messages that the invoices caused; a running worker helps.
        drain()
        return total
