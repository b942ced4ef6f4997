"""The compose file without a Docker engine: it parses, and what it says exists and works."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from o2o.embedded.paths import PROJECT_ROOT
from o2o.embedded.pools import POOLS, Pool, worker_command

yaml = pytest.importorskip("yaml")

VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}")
GIVEN = {
    "SECRET_KEY": "Jq3vY8wN1xT6rB9mK4cP7hL2sD5fG0zXaEoUiWyRnQtVbMjKlH",
    "POSTGRES_PASSWORD": "secret",
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text())


def resolved(text: str) -> str:
    """What compose makes of `${NAME:-default}` when only the required variables are given."""
    return VARIABLE.sub(lambda m: GIVEN.get(m[1], m[3] if m[2] == ":-" else ""), str(text))


def app_services(compose: dict[str, Any]) -> dict[str, Any]:
    return {name: s for name, s in compose["services"].items() if "build" in s}


def command(service: dict[str, Any]) -> list[str]:
    if "command" in service:
        return [resolved(word) for word in service["command"]]
    line = re.search(r"^CMD (\[.*\])$", (PROJECT_ROOT / "Dockerfile").read_text(), re.M)
    assert line is not None
    return yaml.safe_load(line[1])


def test_the_same_parts_as_the_demo(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {
        *("postgres", "valkey", "migrate", "web", "beat"),
        *(f"worker-{pool.name}" for pool in POOLS),
    }
    for name, service in compose["services"].items():
        assert name == "migrate" or "healthcheck" in service, f"{name} has no health check"


def test_every_variable_has_a_safe_default_or_is_required_and_is_documented(
    compose: dict[str, Any],
) -> None:
    text = (PROJECT_ROOT / "docker-compose.yml").read_text()
    documented = (PROJECT_ROOT / "docs" / "operations.md").read_text()
    for name, kind, default in VARIABLE.findall(text):
        assert kind, f"{name} has neither a default nor is it required"
        assert f"`{name}`" in documented, f"{name} is not in docs/operations.md"
        if name in {"SANDBOX_GATEWAY", "TRUST_PROXY"}:
            assert default == "false"
    required = {name for name, kind, _ in VARIABLE.findall(text) if kind == ":?"}
    assert required == set(GIVEN)


def test_every_variable_of_the_services_is_read_somewhere(compose: dict[str, Any]) -> None:
    settings = (PROJECT_ROOT / "o2o" / "settings.py").read_text()
    launcher = (PROJECT_ROOT / "o2o" / "embedded" / "urls.py").read_text()
    serving = (PROJECT_ROOT / "o2o" / "serving" / "config.py").read_text()
    for service in app_services(compose).values():
        for name in service["environment"]:
            assert f'"{name}"' in settings + launcher + serving, f"nobody reads {name}"


def test_volumes_are_named_and_used(compose: dict[str, Any]) -> None:
    used = {v.partition(":")[0] for s in compose["services"].values() for v in s.get("volumes", [])}
    assert used == set(compose["volumes"])


def test_only_loopback_is_published(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")


def test_the_web_starts_with_exactly_these_variables(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    """gunicorn loads the application in production mode, as it would in the container."""
    service = compose["services"]["web"]
    environment = {name: resolved(text) for name, text in service["environment"].items()}
    # What the image sets besides.
    environment |= {"DATA_DIR": str(tmp_path), "STATIC_ROOT": str(tmp_path), "PATH": os.defpath}
    environment["WEB_BIND"] = "127.0.0.1:0"
    words = command(service)
    assert words[0] == "gunicorn"
    result = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", *words[1:]],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("pool", POOLS, ids=lambda pool: pool.name)
def test_each_pool_serves_the_same_lanes_as_in_the_demo(
    compose: dict[str, Any], pool: Pool
) -> None:
    words = command(compose["services"][f"worker-{pool.name}"])
    assert words[words.index("--queues") + 1] == ",".join(pool.lanes)
    assert words[words.index("--concurrency") + 1] == str(pool.threads)
    assert f"--queues={','.join(pool.lanes)}" in worker_command(pool)
    assert f"--concurrency={pool.threads}" in worker_command(pool)
    assert "--pool" not in words, "settings.py says which, for all"
    polite = ["nice", "-n", str(pool.nice)] if pool.nice else []
    assert words[: len(polite)] == polite
    assert worker_command(pool)[: len(polite)] == polite


@pytest.mark.parametrize(
    ("service", "name"),
    [*((f"worker-{pool.name}", "worker") for pool in POOLS), ("beat", "beat")],
)
def test_celery_knows_every_option(compose: dict[str, Any], service: str, name: str) -> None:
    words = command(compose["services"][service])
    words = words[words.index("celery") :]
    assert words[:4] == ["celery", "-A", "o2o", name]
    shown = subprocess.run(
        [sys.executable, "-m", "celery", name, "--help"], capture_output=True, text=True, check=True
    ).stdout
    for option in (word.partition("=")[0] for word in words[4:] if word.startswith("--")):
        assert option in shown


def test_health_checks_call_what_exists(compose: dict[str, Any]) -> None:
    kinds = {
        s["healthcheck"]["test"][0] for s in app_services(compose).values() if "healthcheck" in s
    }
    assert kinds == {"CMD", "CMD-SHELL"}
    probe = compose["services"]["web"]["healthcheck"]["test"]
    assert (PROJECT_ROOT / f"{probe[3].replace('.', '/')}.py").exists()
    nobody_there = subprocess.run(
        [sys.executable, *probe[2:4], "http://127.0.0.1:1/readyz"], cwd=PROJECT_ROOT, check=False
    )
    assert nobody_there.returncode == 1
    ping = shlex.split(compose["services"]["worker-money"]["healthcheck"]["test"][1])
    assert ping[:4] == ["celery", "-A", "o2o", "inspect"]


def test_every_variable_the_settings_read_is_documented() -> None:
    documented = (PROJECT_ROOT / "docs" / "operations.md").read_text()
    settings = (PROJECT_ROOT / "o2o" / "settings.py").read_text()
    read = set(re.findall(r"env\.\w+\(\s*[\"']([A-Z_0-9]+)[\"']", settings))
    assert {"SECRET_KEY", "SANDBOX_GATEWAY"} <= read
    assert {name for name in read if f"`{name}`" not in documented} == set()
