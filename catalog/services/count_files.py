"""Counts out of a file: what a merchant's stock system says of each product at each store.

A file is judged before anything of it is written (`StockImport.plan`): a page shows what would be
refused, the command writes a side file of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import StockLevel, Variant
from catalog.services.by_store import keep_by_store
from catalog.services.places import hold_new_places, hold_shops, level_of, lock_stock
from catalog.services.shelves import count_level, is_far_off
from catalog.usable import named_stores
from kernel.bounds import MAX_COUNT
from kernel.imports.files import Row
from kernel.imports.report import Outcome, Refused, RefusedRowError
from kernel.numerals import read_number
from stores.models import Merchant, Store

COLUMNS = ("StockCode", "Store", "Counted")


class CountPlanned(NamedTuple):
    """A row that can be written: so many of a variant at a store, where the books say ``before``."""

    row: Row
    variant_id: int
    store_id: int
    counted: int
    before: int | None
    """None: not counted there yet."""
    variant: Variant
    """Its stock and product joined."""

    @property
    def turns(self) -> bool:
        """Whether the variant has one number for all stores until then."""
        stock = getattr(self.variant, "stock", None)
        return not (stock and stock.by_store)

    @property
    def for_all(self) -> int | None:
        """That one number; None where it has none."""
        stock = getattr(self.variant, "stock", None)
        return stock.available if stock and self.turns else None

    @property
    def changes(self) -> bool:
        """Whether it says another number than there is now."""
        return self.before != self.counted

    @property
    def far_off(self) -> bool:
        """Whether the preview asks if it is right."""
        return is_far_off(self.before or 0, self.counted)


class Plan(NamedTuple):
    """What a file comes to: what would be written, in the order of its locks, and what is refused."""

    counts: list[CountPlanned]
    refused: list[Refused]


class StockImport:
    """One run of an import for ``merchant``, by ``person`` (None: the platform).

    ``stores`` are those that the person may speak for (None: all, and whether a product is counted
    by store at all).
    """

    def __init__(
        self, merchant: Merchant, person: Any, stores: Collection[int] | None = None
    ) -> None:
        self.merchant, self.person, self.reach = merchant, person, stores
        rows = Store.objects.filter(merchant=merchant).exclude(external_code="")
        if stores is not None:
            rows = rows.filter(pk__in=stores)
        self.stores = dict(rows.values_list("external_code", "pk"))

    def plan(self, rows: Sequence[Row]) -> Plan:
        """Judge rows and write nothing. Three statements for any number of them."""
        variants = self._variants({row.cells["StockCode"] for row in rows if not row.fault})
        levels = self._levels(variants.values())
        named = named_stores({variant.product_id for variant in variants.values()})
        counts: dict[tuple[int, int], CountPlanned] = {}
        refused = []
        for row in rows:
            try:
                planned = self._judge(row, variants, levels, named)
            except RefusedRowError as fault:
                name = f"{row.cells.get('StockCode', '')} {row.cells.get('Store', '')}"
                refused.append(Refused(row.line, name, str(fault)))
                continue
            at = planned.variant_id, planned.store_id
            if at in counts:
                text = _("Line %(line)d counts the same product at the same store.")
                text %= {"line": counts[at].row.line}
                refused.append(
                    Refused(row.line, f"{row.cells['StockCode']} {row.cells['Store']}", text)
                )
                continue
            counts[at] = planned
        return Plan([counts[at] for at in sorted(counts)], refused)

    @transaction.atomic
    def import_batch(self, rows: Sequence[Row]) -> Outcome:
        """Count what the rows say; refused ones come back with their reasons.

        A number that the books have already changes nothing. Locks the stock rows, ascending.
        Raises NotByStore where a product has just got one number for all, and the person may not
        count it by store.
        """
        plan = self.plan(rows)
        outcome = Outcome(refused=plan.refused)
        if self.reach is None:
            hold_shops(self.merchant.pk)
        else:
            hold_new_places((count.variant_id, count.store_id) for count in plan.counts)
        locked = lock_stock(count.variant_id for count in plan.counts if count.changes)
        by_store = {stock.pk for stock in locked.values() if stock.by_store}
        for count in plan.counts:
            if not count.changes:
                outcome.unchanged += 1
                continue
            if count.variant_id not in by_store and self.reach is None:
                keep_by_store(variant_id=count.variant_id, by=self.person)
                by_store.add(count.variant_id)
            level = level_of(count.variant_id, count.store_id)
            count_level(level=level, counted=count.counted, by=self.person)
            if count.before is None:
                outcome.made += 1
            else:
                outcome.changed += 1
        return outcome

    def _variants(self, codes: Collection[str]) -> dict[str, Variant]:
        """The first variant of each product that is named."""
        found: dict[str, Variant] = {}
        rows = Variant.objects.filter(
            product__merchant=self.merchant, product__external_code__in=set(codes) - {""}
        )
        for variant in rows.select_related("product", "stock").order_by("position", "pk"):
            found.setdefault(variant.product.external_code, variant)
        return found

    def _levels(self, variants: Iterable[Variant]) -> dict[tuple[int, int], StockLevel]:
        rows = StockLevel.objects.filter(variant__in=[variant.pk for variant in variants])
        return {(row.variant_id, row.store_id): row for row in rows}

    def _judge(
        self,
        row: Row,
        variants: dict[str, Variant],
        levels: dict[tuple[int, int], StockLevel],
        named: dict[int, list[int]],
    ) -> CountPlanned:
        if row.fault:
            raise RefusedRowError(row.fault)
        counted = read_number(row.cells["Counted"].strip())
        if counted is None or counted > MAX_COUNT:
            raise RefusedRowError(_("Write its count as a whole number, 0 or more, in digits."))
        store_id = self.stores.get(row.cells["Store"])
        if store_id is None:
            raise RefusedRowError(_("No store of this business has this number."))
        variant = variants.get(row.cells["StockCode"])
        if variant is None:
            raise RefusedRowError(_("No product of this business has this code."))
        stock = getattr(variant, "stock", None)
        if self.reach is not None and not (stock and stock.by_store):
            raise RefusedRowError(_("This product has one number for all stores."))
        level = levels.get((variant.pk, store_id))
        taking = named.get(variant.product_id)
        if taking and store_id not in taking and (counted or level is None):
            raise RefusedRowError(_("This store does not hand the product over."))
        before = level.on_hand if level and level.counted_at else None
        return CountPlanned(row, variant.pk, store_id, counted, before, variant)
