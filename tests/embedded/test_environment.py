"""A shell full of settings for other programs changes nothing of ours."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from o2o.embedded.environment import FAMILIES, HEARD, hear_only_ours, is_heard
from o2o.embedded.paths import PROJECT_ROOT

# What a machine with other databases, queues and Pythons may well have set; all of it misleads.
STRANGE = {
    "PGHOST": "db.example.invalid",
    "PGPORT": "55432",
    "PGUSER": "somebody",
    "PGPASSWORD": "wrong",
    "PGDATABASE": "elsewhere",
    "PGSSLMODE": "require",
    "PGSERVICE": "reporting",
    "PGOPTIONS": "-c default_transaction_read_only=on",
    "PGTZ": "Mars/Olympus",
    "REDIS_HOST": "cache.example.invalid",
    "CELERY_RESULT_BACKEND": "redis://cache.example.invalid/3",
    "CELERY_CONFIG_MODULE": "no_such_module",
    "GUNICORN_CMD_ARGS": "--bind 127.0.0.1:1 --workers 7",
    "DJANGO_SETTINGS_MODULE": "other.settings",
    "DJANGO_SECRET_KEY": "x",
    "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "2",
    "PIP_TARGET": "/nowhere",
    "UV_PYTHON": "3.8",
}


def in_strange_shell(*command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    kept = dict(os.environ)
    for name in ("DATABASE_URL", "REDIS_URL", "PYTEST_XDIST_WORKER"):
        kept.pop(name, None)
    env = kept | STRANGE | {"DATA_DIR": str(folder), "O2O_MODE": "test"} | more
    return subprocess.run(
        command, cwd=PROJECT_ROOT, env=env, capture_output=True, text=True, timeout=240, check=False
    )


def test_a_command_finds_the_embedded_database_whatever_libpq_is_told(folder: Path) -> None:
    ask = (
        "from django.db import connection as c; k = c.cursor();"
        "k.execute('SELECT current_user, current_database(), current_setting(%s)',"
        " ['default_transaction_read_only']); print(*k.fetchone())"
    )
    result = in_strange_shell(sys.executable, "manage.py", "shell", "-c", ask, folder=folder)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "o2o o2o off"


def test_the_launcher_starts_its_programs_without_what_others_are_told(folder: Path) -> None:
    show = (
        "from o2o.embedded.__main__ import main; import os, sys;"
        "sys.argv = ['x', 'reset']; main();"
        "from o2o.embedded.demo import Demo; print(*sorted(Demo().env))"
    )
    result = in_strange_shell(sys.executable, "-c", show, folder=folder)
    assert result.returncode == 0, result.stderr
    passed_on = set(result.stdout.splitlines()[-1].split())
    assert passed_on & set(STRANGE) == {"DJANGO_SETTINGS_MODULE"}  # set anew, to ours


def test_make_and_the_installer_pass_nothing_strange_on(tmp_path: Path) -> None:
    makefile = tmp_path / "show"
    makefile.write_text("show:\n\t@env\n")
    ours = str(PROJECT_ROOT / "Makefile")  # an include could not be told of a space in it
    command = ("make", "-s", "-f", ours, "-f", str(makefile), "show")
    result = in_strange_shell(*command, folder=tmp_path, PIP_INDEX_URL="https://mirror")
    names = {line.partition("=")[0] for line in result.stdout.splitlines()}
    assert "PIP_INDEX_URL" in names
    assert names & set(STRANGE) == {"DJANGO_SETTINGS_MODULE"}
    script = (PROJECT_ROOT / "o2o" / "embedded" / "install.sh").read_text()
    cleaning = script.partition("find_python()")[0].replace('"$(dirname "$0")/../.."', ".")
    result = in_strange_shell("sh", "-c", f"{cleaning}\nenv", folder=tmp_path)
    names = {line.partition("=")[0] for line in result.stdout.splitlines()}
    assert names & set(STRANGE) == {"DJANGO_SETTINGS_MODULE"}


@pytest.mark.parametrize(
    ("name", "passes"),
    [
        ("PGSSLROOTCERT", False),
        ("REDIS_URL", True),
        ("REDISCLI_AUTH", False),
        ("PYTHONPATH", False),
        ("PATH", True),
        ("HTTPS_PROXY", True),
        ("LC_ALL", True),
        ("WEB_CONCURRENCY", True),
        ("CELERY_BROKER_URL", True),
        ("CELERY_BROKER_READ_URL", False),
        ("PIP_INDEX_URL", True),
        ("PIP_USER", False),
    ],
)
def test_what_is_heard(name: str, passes: bool) -> None:
    shell = {name: "1"}
    hear_only_ours(shell)
    assert (name in shell) is passes is is_heard(name)


def test_what_is_heard_is_documented() -> None:
    documented = (PROJECT_ROOT / "docs" / "operations.md").read_text()
    section = documented.partition("### What is heard")[2].partition("\n### ")[0]
    named = set(re.findall(r"`([A-Z][A-Z_0-9]+)`", section))
    ours = set(re.findall(r"^\| (?:`[A-Z_0-9]+`(?:, )?)+", documented, re.M))
    ours = set(re.findall(r"`([A-Z_0-9]+)`", " ".join(ours)))
    assert set(HEARD) - named - ours == set()
    assert set(FAMILIES) == set(re.findall(r"`([A-Z_]+)…`", section))
