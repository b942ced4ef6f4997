"""manage.py rebuild_results"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from insights.services.keep import rebuild_results


class Command(BaseCommand):
    help = "Make what campaigns and channels brought anew from the books. Safe at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        read = rebuild_results()
        self.stdout.write(_("Rows read: %(count)d") % {"count": read})
