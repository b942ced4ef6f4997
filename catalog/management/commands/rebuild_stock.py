"""manage.py rebuild_stock [--merchant SLUG]"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from catalog.models import Stock
from catalog.services.rebuild import rebuild_stock
from stores.models import Merchant


class Command(BaseCommand):
    help = "Write every number of stock anew from its movements (docs/stock.md). Safe at any time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--merchant", help="The slug of one merchant (default: all).")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Stock.objects.filter(available__isnull=False)
        if slug := options["merchant"]:
            if not Merchant.objects.filter(slug=slug).exists():
                raise CommandError(_("There is no merchant “%(slug)s”.") % {"slug": slug})
            rows = rows.filter(variant__product__merchant__slug=slug)
        wrong = sum(
            rebuild_stock(variant_id=pk)
            for pk in rows.order_by("pk").values_list("pk", flat=True).iterator()
        )
        self.stdout.write(_("Numbers that were wrong: %(count)d") % {"count": wrong})
