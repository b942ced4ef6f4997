"""What a server on the internet must have, asked of the settings it would run with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from o2o.embedded.paths import PROJECT_ROOT

# Of the tests: their servers and switches, and what the browser journeys ask Django for.
FOREIGN = (
    "DATABASE_URL", "REDIS_URL", "DEBUG", "HTTPS", "SANDBOX_GATEWAY", "RATE_LIMITS",
    "DJANGO_ALLOW_ASYNC_UNSAFE",
)  # fmt: skip
ASK = """
import json, django
django.setup()
from django.conf import settings
names = "DEBUG PASSWORD_HASHERS SESSION_COOKIE_SECURE SESSION_COOKIE_HTTPONLY CSRF_COOKIE_SECURE"
names += " SECURE_HSTS_SECONDS SECURE_SSL_REDIRECT PAYMENT_GATEWAYS RATE_LIMITS STYLEGUIDE"
print(json.dumps({name: getattr(settings, name) for name in names.split()}))
"""


def production(folder: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT_ROOT,
        env=kept
        | {
            "O2O_MODE": "production",
            "DJANGO_SETTINGS_MODULE": "o2o.settings",
            "DATA_DIR": str(folder),
            "PYTHONPATH": str(PROJECT_ROOT),
            "SECRET_KEY": "x7#q!m2v9@k4$w8z&r5t*y1u(i3o)p6a-s0d_f+g=h[j]l{b}n",
            "ALLOWED_HOSTS": "shop.example.com",
        }
        | env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_deploy_has_nothing_to_say(tmp_path: Path) -> None:
    result = production(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "no issues" in result.stdout


def test_the_settings_of_production(tmp_path: Path) -> None:
    result = production(tmp_path, "-c", ASK)
    assert json.loads(result.stdout.splitlines()[-1]) == {
        "DEBUG": False,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "SESSION_COOKIE_SECURE": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31536000,
        "SECURE_SSL_REDIRECT": True,
        "PAYMENT_GATEWAYS": [],  # nobody gives goods away for play money by accident
        "RATE_LIMITS": True,
        "STYLEGUIDE": False,
    }


def test_production_does_not_start_on_a_secret_it_made_up(tmp_path: Path) -> None:
    result = production(tmp_path, "-c", ASK, SECRET_KEY="")
    assert result.returncode != 0
    assert "Set SECRET_KEY" in result.stderr


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/login/", "/basket/", "/stores/", "/products/", "/no/page/"]
)
def test_every_page_has_a_strict_policy(path: str, settings: Any) -> None:
    policy = Client().get(path)["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if rule.strip())
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in policy
