from __future__ import annotations

import datetime as dt
import time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from demo.content import CITY
from demo.seed.campaigns import plan_campaigns
from demo.seed.codes import Passers
from demo.seed.drawing import draw_all, start_pool
from demo.seed.gifts import give_gifts
from demo.seed.life import DAYS, Life
from demo.seed.people import make_cast
from demo.seed.pictures import hang
from demo.seed.results import tell_costs
from demo.seed.sales import plan_sales, say_occasions
from demo.seed.seasons import plan_seasons
from demo.seed.shop import make_limited_offers, make_shop
from demo.seed.year_before import FOUNDED, plan_year_before
from insights.services.audit import run_audit
from kernel.clock import now
from o2o.embedded.paths import HALF_BUILT
from stores.models import Merchant


class Command(BaseCommand):
    help = "Fill an empty database with the demo city, through the real services."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing when there are merchants already"
        )
        parser.add_argument("--no-pictures", action="store_true", help="leave the drawings out")

    def handle(self, *args: Any, **options: Any) -> None:
        if Merchant.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError(
                _("There are merchants already. The demo city needs an empty database.")
            )
        if not settings.SANDBOX_GATEWAY:
            raise CommandError(
                _("The demo city pays with the sandbox gateway. Set SANDBOX_GATEWAY=1.")
            )
        started = time.monotonic()
        # Left behind when we are interrupted: the launcher then begins with a new database.
        half_built = settings.DATA_DIR / HALF_BUILT
        half_built.touch()
        self._seed(pictures=not options["no_pictures"])
        half_built.unlink()
        audit = run_audit()
        self.stdout.write(
            _("The demo city is ready: %(seconds)d s, audit %(audit)s.")
            % {
                "seconds": time.monotonic() - started,
                "audit": _("clean") if audit.is_clean else _("NOT clean"),
            }
        )

    def _seed(self, *, pictures: bool) -> None:
        present = now()
        zone = ZoneInfo(CITY.time_zone)
        today = present.astimezone(zone).date()
        opened = dt.datetime.combine(today - dt.timedelta(days=DAYS), dt.time(), zone)
        with start_pool(1) as pool:
            drawn = draw_all(pool) if pictures else iter(())
            cast = make_cast()
            shop = make_shop(cast, present - FOUNDED)
            self.stdout.write(_("Shops are open; ninety days pass …"))
            passers = Passers(cast, shop, opened)
            life = Life(cast=cast, shop=shop, opened=opened, until=present, passers=passers)
            plan_campaigns(life)
            plan_seasons(life)
            plan_year_before(life)
            plan_sales(life)
            say_occasions()
            life.run(self._progress)
            give_gifts(cast, shop, present)
            make_limited_offers(shop, present)
            tell_costs(cast, shop, today)
            for order, content in drawn:
                hang(shop, order, content)

    def _progress(self, day: int, days: int) -> None:
        if day % 15 == 0:
            self.stdout.write(_("day %(day)d of %(days)d") % {"day": day, "days": days})
