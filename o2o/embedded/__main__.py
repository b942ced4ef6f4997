"""`python -m o2o.embedded demo|reset`: the launcher's command line."""

import argparse
import errno
import sys

from o2o.embedded.demo import run_demo, say
from o2o.embedded.environment import hear_only_ours
from o2o.embedded.errors import LaunchError
from o2o.embedded.process import Interrupted
from o2o.embedded.reset import reset

FULL_DISK = (errno.ENOSPC, errno.EDQUOT)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; what a person can mend is told in one line and gives exit code 1."""
    hear_only_ours()
    parser = argparse.ArgumentParser(prog="python -m o2o.embedded")
    parser.add_argument(
        "command", choices=["demo", "reset"], help="run the whole platform, or remove its data"
    )
    command = parser.parse_args(arguments).command
    try:
        if command == "demo":
            run_demo()
        else:
            say(f"The data in {reset()} is removed.")
    except LaunchError as error:
        return _fail(str(error))
    except OSError as error:
        if error.errno in FULL_DISK:
            return _fail(f"The disk is full: {error.filename or error.strerror}.")
        return _fail(f"{error.strerror}: {error.filename}" if error.filename else str(error))
    except (KeyboardInterrupt, Interrupted):
        return 130
    return 0


def _fail(line: str) -> int:
    sys.stderr.write(line.replace("\n", " ") + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
