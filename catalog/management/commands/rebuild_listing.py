"""manage.py rebuild_listing"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from catalog.services.prices import refresh_price


class Command(BaseCommand):
    help = "Write what lists say of every product anew from offers and stock. Safe at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = refresh_price()
        self.stdout.write(_("Products whose listing was wrong: %(count)d") % {"count": changed})
