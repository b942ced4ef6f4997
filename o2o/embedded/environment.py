"""Which variables of the shell are heard: the rule of environment.txt, for everything in Python.

`hear_only_ours` is called first by every way in: the launcher, manage.py, the settings (gunicorn and
Celery read those) and the tests. It removes the others from this process, where libpq would read
them, and so from every process started by it.
"""

import os
from collections.abc import MutableMapping
from pathlib import Path

RULES = Path(__file__).with_name("environment.txt")


def _rules(kind: str) -> tuple[str, ...]:
    lines = (line.split() for line in RULES.read_text().splitlines())
    return tuple(words[1] for words in lines if words and words[0] == kind)


FAMILIES = _rules("family")
HEARD = frozenset(_rules("hear"))


def is_heard(name: str) -> bool:
    """Whether a variable of this name may reach our programs."""
    return name in HEARD or not name.upper().startswith(FAMILIES)


def hear_only_ours(environment: MutableMapping[str, str] = os.environ) -> None:
    """Remove from this process what is meant for other programs."""
    for name in [name for name in environment if not is_heard(name)]:
        del environment[name]
