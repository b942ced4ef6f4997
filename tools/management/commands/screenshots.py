from __future__ import annotations

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.test import Client

from demo.seed.people import OPERATOR, clerk_login, customer_login, owner_login
from members.models import User
from stores.access import stores_for_staff
from tools.bench import browser
from tools.bench.servers import web
from tools.screenshots.camera import Camera
from tools.screenshots.drawn import error_screens
from tools.screenshots.gallery import write_index
from tools.screenshots.mails import mail_screens
from tools.screenshots.office import office_screens
from tools.screenshots.screens import GROUPS, Screen
from tools.screenshots.stage import Cast, set_stage

MERCHANT = "slack-tide-coffee"
MOST_SHOWN = 40


class Command(BaseCommand):
    help = "Draw every screen of the demo city: both languages, both themes, phone and desk."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", default=".data/screenshots", help="the folder, emptied first")
        parser.add_argument("--only", default="", help="screens whose names start so (commas)")
        parser.add_argument("--minutes", type=float, default=25, help="stop after so long")

    def handle(self, *args: Any, **options: Any) -> None:
        program = browser.chromium()
        if not program:
            raise CommandError(
                "No Chromium: set CHROMIUM to the path of one, or `make screenshots`."
            )
        begun = time.monotonic()
        settings.RATE_LIMITS = False
        cast = self._cast()
        store = stores_for_staff(cast.clerk).earliest("id")
        places = set_stage(cast, store=store, word="coffee")
        groups = self._groups(cast, options["only"])
        folder = Path(options["out"]).resolve()
        if not options["only"]:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        sessions = {role: _session(getattr(cast, role)) for role in Cast.__slots__}
        with (
            TemporaryDirectory() as logs,
            web(Path(logs) / "web.log") as (port, _seconds),
            browser.running(program) as chromium,
        ):
            camera = Camera(
                browser=chromium,
                address=f"http://127.0.0.1:{port}",
                sessions=sessions,
                places=places,
                folder=folder,
                until=begun + options["minutes"] * 60,
                say=self.stdout.write,
            )
            camera.draw(groups)
        self._report(camera, time.monotonic() - begun)

    def _cast(self) -> Cast:
        try:
            return Cast.of(
                customer=customer_login(0),
                clerk=clerk_login(MERCHANT),
                owner=owner_login(MERCHANT),
                operator=OPERATOR,
            )
        except User.DoesNotExist:
            raise CommandError("This needs the demo city: run `make screenshots`.") from None

    def _groups(self, cast: Cast, only: str) -> dict[str, list[Screen]]:
        groups = {name: list(screens) for name, screens in GROUPS.items()}
        groups["office"] += office_screens(cast.owner, "owner")
        groups["office"] += office_screens(cast.operator, "operator")
        groups["errors"] += error_screens()
        groups["mail"] = list(mail_screens(cast.customer))
        if only:
            starts = tuple(only.split(","))
            for name, screens in groups.items():
                groups[name] = [screen for screen in screens if screen.name.startswith(starts)]
        return groups

    def _report(self, camera: Camera, seconds: float) -> None:
        note = f"{len(camera.shots)} pictures"
        index = write_index(camera.folder, camera.shots, note)
        self.stdout.write(f"{note} in {seconds:.0f} s: {index}")
        for failure in camera.failures[:MOST_SHOWN]:
            self.stderr.write(f"FAILED {failure}")
        if camera.left_out:
            self.stderr.write(f"The time was over: {camera.left_out} screens were left out.")
        if camera.failures or camera.left_out:
            raise CommandError("Not every screen was drawn.")


def _session(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value
