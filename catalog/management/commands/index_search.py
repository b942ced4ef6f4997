"""manage.py index_search"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from catalog.models import Product
from catalog.services.search_index import index_products
from kernel.imports.command import batches
from kernel.imports.progress import Progress
from stores.models import Store
from stores.services.stores import index_stores

BATCH = 1000


class Command(BaseCommand):
    help = (
        "Rebuild the search words of every product and store: after a merchant or category "
        "was renamed, or after an upgrade that cuts words differently."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        done = 0
        work = (
            (index_products, Product.objects.order_by("pk").values_list("pk", flat=True)),
            (index_stores, Store.objects.order_by("pk").values_list("pk", flat=True)),
        )
        total = sum(ids.count() for _index, ids in work)
        progress = Progress(self.stdout, label="index_search")
        for index, ids in work:
            for batch in batches(ids.iterator(chunk_size=BATCH), BATCH):
                done += index(batch)
                progress.show(done / max(1, total), f"{done:,}")
        progress.show(1.0, f"{done:,}", last=True)
        self.stdout.write(_("Products and stores indexed: %(count)s") % {"count": f"{done:,}"})
