"""Counts out of a file: what a merchant's stock system says of each product at each store."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.errors import NotHandedOver
from catalog.models import StockLevel, Variant
from catalog.services.levels import count_level, keep_by_store
from kernel.bounds import MAX_COUNT
from kernel.imports.files import Row
from kernel.imports.report import Outcome, Refused, RefusedRowError
from kernel.numerals import read_number
from stores.models import Merchant, Store

COLUMNS = ("StockCode", "Store", "Counted")


class StockImport:
    """One run of an import for ``merchant``, by ``person`` (None: the platform)."""

    def __init__(self, merchant: Merchant, person: Any) -> None:
        self.merchant, self.person = merchant, person
        stores = Store.objects.filter(merchant=merchant).exclude(external_code="")
        self.stores = dict(stores.values_list("external_code", "pk"))

    @transaction.atomic
    def import_batch(self, rows: list[Row]) -> Outcome:
        """Count what the rows say; refused ones come back with their reasons.

        A number that the books have already changes nothing. Locks the stock rows, one at a time.
        """
        outcome = Outcome()
        for row in rows:
            try:
                if row.fault:
                    raise RefusedRowError(row.fault)
                self._count(row, outcome)
            except RefusedRowError as refused:
                name = f"{row.cells['StockCode']} {row.cells['Store']}"
                outcome.refused.append(Refused(row.line, name, str(refused)))
        return outcome

    def _count(self, row: Row, outcome: Outcome) -> None:
        counted = read_number(row.cells["Counted"].strip())
        if counted is None or counted > MAX_COUNT:
            raise RefusedRowError(_("Its count is no whole number."))
        store_id = self.stores.get(row.cells["Store"])
        if store_id is None:
            raise RefusedRowError(_("No store of this business has this number."))
        level = self._level(row.cells["StockCode"], store_id)
        if level.on_hand == counted and level.counted_at:
            outcome.unchanged += 1
            return
        known = level.counted_at is not None
        try:
            count_level(level=level, counted=counted, by=self.person)
        except NotHandedOver:
            raise RefusedRowError(_("This store does not hand the product over.")) from None
        if known:
            outcome.changed += 1
        else:
            outcome.made += 1

    def _level(self, code: str, store_id: int) -> StockLevel:
        found = Variant.objects.filter(
            product__merchant=self.merchant, product__external_code=code
        ).order_by("position", "pk")
        variant = found.first() if code else None
        if variant is None:
            raise RefusedRowError(_("No product of this business has this code."))
        keep_by_store(variant_id=variant.pk, by=self.person)
        level = StockLevel.objects.filter(variant=variant, store=store_id).first()
        if level is None:
            raise RefusedRowError(_("This store does not hand the product over."))
        return level
