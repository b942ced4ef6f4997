from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.seed.people import demo_logins


class Command(BaseCommand):
    help = "Print the demo accounts: role, identifier, password, and for staff the stores."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        logins = demo_logins()
        if options["json"]:
            self.stdout.write(json.dumps(logins, ensure_ascii=False, indent=2))
            return
        for login in logins:
            role = ", ".join(login[key] for key in ("role", "desk") if key in login)
            self.stdout.write(f"{role:<18} {login['identifier']:<40} {login['password']}")
