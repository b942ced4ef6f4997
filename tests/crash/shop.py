"""``python -m tests.crash.shop COMMAND ARGUMENTS``: one act of people, its answer as a line of JSON."""

from __future__ import annotations

import json
import sys
from importlib import import_module

import django
from django.utils import translation

if __name__ == "__main__":
    django.setup()
    acts = import_module("tests.crash.acts").COMMANDS
    with translation.override("en"):
        print(json.dumps(acts[sys.argv[1]](*sys.argv[2:])), flush=True)  # noqa: T201
