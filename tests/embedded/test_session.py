"""Servers for one command: started when missing, stopped by their last user."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from o2o.embedded import EmbeddedPostgres, EmbeddedValkey, running
from o2o.embedded.paths import PROJECT_ROOT

HOLD_ON = "import sys; from o2o.embedded import running\nwith running(): print('in', flush=True); sys.stdin.read()"


@pytest.fixture
def data(shared_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(shared_folder / "data"))
    return shared_folder / "data"


def test_a_command_starts_the_servers_and_stops_them_again(data: Path) -> None:
    with running():
        assert EmbeddedPostgres(data).pid
        assert EmbeddedValkey(data).pid
        with running():
            pass
        assert EmbeddedPostgres(data).pid, "the inner one must not stop the outer one's servers"
    assert EmbeddedPostgres(data).pid is None
    assert EmbeddedValkey(data).pid is None


def test_the_first_command_does_not_take_the_servers_from_the_second(data: Path) -> None:
    with running():
        other = subprocess.Popen(
            [sys.executable, "-c", HOLD_ON],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PROJECT_ROOT,
        )
        assert other.stdout is not None and other.stdout.readline() == b"in\n"
    assert EmbeddedPostgres(data).pid, "another command still uses it"
    other.communicate(b"")
    assert EmbeddedPostgres(data).pid is None, "the last user stops it"


def test_servers_of_a_killed_command_serve_the_next_one(data: Path) -> None:
    killed = subprocess.Popen(
        [sys.executable, "-c", HOLD_ON],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
    )
    assert killed.stdout is not None and killed.stdout.readline() == b"in\n"
    killed.kill()
    killed.communicate()
    with running():
        assert EmbeddedPostgres(data).pid
    assert EmbeddedPostgres(data).pid is None


def test_nothing_is_started_beside_servers_of_somebody_else(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(folder / "none"))
    monkeypatch.setenv("DATABASE_URL", "postgres://h/o2o")
    monkeypatch.setenv("REDIS_URL", "redis://h")
    with running():
        pass
    assert not (folder / "none").exists()


def test_a_second_test_run_in_the_same_data_dir_is_refused(data: Path) -> None:
    code = "from o2o.embedded import start_for_tests as s; s(); print('in', flush=True); input()"
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_XDIST_WORKER"}
    first = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
        env=env,
    )
    assert first.stdout is not None and first.stdout.readline() == b"in\n"
    second = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=PROJECT_ROOT,
        env=env,
        check=False,
    )
    first.communicate(b"\n")
    assert second.returncode != 0
    assert "Another test run uses" in second.stderr
    assert EmbeddedPostgres(data).pid is None
