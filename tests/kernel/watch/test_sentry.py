"""Errors go to Sentry where its address is set, and without anybody's data."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from o2o.embedded.paths import PROJECT_ROOT

SHOW = """
import json, sys
import o2o.settings
loaded = "sentry_sdk" in sys.modules
options = sys.modules["sentry_sdk"].get_client().options if loaded else {}
names = ("environment", "send_default_pii", "include_local_variables", "max_request_body_size")
print(json.dumps([loaded, [options.get(name) for name in names]]))
"""


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        ("", [False, [None, None, None, None]]),
        ("http://key@127.0.0.1:9/1", [True, ["staging", False, False, "never"]]),
    ],
)
def test_sentry_is_started_by_its_address_alone(dsn: str, expected: list[object]) -> None:
    told = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=PROJECT_ROOT,
        env=dict(os.environ) | {"SENTRY_DSN": dsn, "SENTRY_ENVIRONMENT": "staging"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout.splitlines()[-1]) == expected
