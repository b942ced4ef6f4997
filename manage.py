#!/usr/bin/env python
"""Django's command line, with the embedded servers running for the command that needs them."""

import os
import sys

from django.core.management import execute_from_command_line

from o2o import embedded

# Everything else finds PostgreSQL and Valkey running: the demo's, or started for this command.
WITHOUT_SERVERS = {
    "check",
    "collectstatic",
    "compilemessages",
    "findstatic",
    "help",
    "maintenance",  # it works when the servers do not
    "makemessages",
    "spectacular",
    "startapp",
    "version",
}


def main() -> None:
    """Run one management command."""
    embedded.hear_only_ours()
    os.environ["DJANGO_SETTINGS_MODULE"] = "o2o.settings"
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command.lstrip("-") in WITHOUT_SERVERS or "--help" in sys.argv:
        execute_from_command_line(sys.argv)
        return
    try:
        with embedded.running():
            execute_from_command_line(sys.argv)
    except embedded.LaunchError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
