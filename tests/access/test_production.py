"""What a server on the internet must have, asked of the settings it would run with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from members.models import User
from o2o.demo_accounts import check_demo_accounts
from o2o.embedded.paths import PROJECT_ROOT
from o2o.production import DEMO_PASSWORD

# Of the tests: their servers and switches, and what the browser journeys ask Django for.
FOREIGN = (
    "DATABASE_URL", "REDIS_URL", "DEBUG", "ALLOW_UNSAFE", "HTTPS", "SANDBOX_GATEWAY", "RATE_LIMITS",
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

WITHOUT = """
import sys
LEFT_OUT = {"demo", "tools", "tests"}
class Image:  # as the production image is: .dockerignore leaves these out
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in LEFT_OUT:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Image())
import django
django.setup()
from django.core.management import call_command
from django.urls import get_resolver
call_command("check")
import o2o.celery, o2o.reactions
o2o.celery.app.loader.import_default_modules()
print(len(get_resolver().reverse_dict) > 50)
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


def test_it_runs_without_the_demo_city_and_the_tools(tmp_path: Path) -> None:
    ignored = (PROJECT_ROOT / ".dockerignore").read_text().split()
    assert {"demo", "tools", "tests"} <= set(ignored)
    result = production(tmp_path, "-c", WITHOUT)
    assert result.stdout.splitlines()[-1:] == ["True"], result.stdout + result.stderr


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


GOOD_KEY = "Jq3vY8wN1xT6rB9mK4cP7hL2sD5fG0zXaEoUiWyRnQtVbMjKlH"
START = "import o2o.settings"
DANGERS = [
    ("debug", {"DEBUG": "1"}, "DEBUG"),
    ("secret-key", {"SECRET_KEY": "abc"}, "SECRET_KEY"),
    ("secret-key", {"SECRET_KEY": "abcdef" * 12}, "SECRET_KEY"),
    ("secret-key", {"SECRET_KEY": f"django-insecure-{GOOD_KEY}"}, "SECRET_KEY"),
    ("secret-key", {"SECRET_KEY": f"please-change-me-{GOOD_KEY}"}, "SECRET_KEY"),
    ("qr-secret", {"QR_SECRET": "short"}, "QR_SECRET"),
    ("secret-key-fallbacks", {"SECRET_KEY_FALLBACKS": "oldkey"}, "SECRET_KEY_FALLBACKS"),
    ("secret-key-fallbacks", {"SECRET_KEY_FALLBACKS": f"{GOOD_KEY},secret{GOOD_KEY}"}, "FALLBACKS"),
    ("metrics-token", {"METRICS_TOKEN": "fifteen-letters"}, "METRICS_TOKEN"),
    ("hosts", {"ALLOWED_HOSTS": "shop.example.org,*"}, "ALLOWED_HOSTS"),
    ("sandbox", {"SANDBOX_GATEWAY": "true"}, "SANDBOX_GATEWAY"),
]


@pytest.mark.parametrize(("name", "env", "variable"), DANGERS)
def test_production_refuses_each_danger_and_names_its_variable(
    tmp_path: Path, name: str, env: dict[str, str], variable: str
) -> None:
    result = production(tmp_path, "-c", START, **env)
    assert result.returncode != 0
    refusal = result.stderr.splitlines()[-1]
    assert variable in refusal
    assert f"add {name} to ALLOW_UNSAFE" in refusal


@pytest.mark.parametrize(("name", "env", "_variable"), DANGERS)
def test_a_danger_that_is_named_is_let_through_and_no_other(
    tmp_path: Path, name: str, env: dict[str, str], _variable: str
) -> None:
    assert production(tmp_path, "-c", START, **env, ALLOW_UNSAFE=name).returncode == 0
    other = "sandbox" if name != "sandbox" else "debug"
    assert production(tmp_path, "-c", START, **env, ALLOW_UNSAFE=other).returncode != 0


def test_a_danger_nobody_knows_is_a_slip(tmp_path: Path) -> None:
    result = production(tmp_path, "-c", START, ALLOW_UNSAFE="sandbx")
    assert "ALLOW_UNSAFE names sandbx; it knows debug" in result.stderr


def test_good_older_keys_and_a_long_token_are_no_danger(tmp_path: Path) -> None:
    env = {"SECRET_KEY_FALLBACKS": GOOD_KEY[::-1], "METRICS_TOKEN": "sixteen-letters!"}
    result = production(tmp_path, "-c", START, **env)
    assert result.returncode == 0, result.stderr


def test_the_sandbox_does_not_follow_debug(tmp_path: Path) -> None:
    result = production(tmp_path, "-c", ASK, DEBUG="1", ALLOW_UNSAFE="debug")
    assert json.loads(result.stdout.splitlines()[-1])["PAYMENT_GATEWAYS"] == []


@pytest.mark.django_db
def test_the_web_refuses_demo_accounts_that_still_have_the_demos_password() -> None:
    operator = User.objects.create_superuser("operator@example.com", DEMO_PASSWORD)
    with pytest.raises(ImproperlyConfigured, match=r"operator@example\.com .* demo-passwords"):
        check_demo_accounts(allowed=["sandbox"])
    check_demo_accounts(allowed=["demo-passwords"])
    operator.set_password("another word entirely")
    operator.save()
    check_demo_accounts(allowed=[])


@pytest.mark.django_db
def test_a_demo_account_that_is_closed_and_a_real_one_are_no_danger() -> None:
    for email, is_active in (("clerk@example.com", False), ("clerk@harbour.test", True)):
        person = User(email=email, display_name="Clerk", is_active=is_active)
        person.set_password(DEMO_PASSWORD)
        person.save()
    check_demo_accounts(allowed=[])


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
