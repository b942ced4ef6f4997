"""What a person sees when the demo cannot start: one line on stderr, exit code 1, no traceback."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from o2o.embedded import EmbeddedPostgres, checks
from o2o.embedded.errors import LaunchError
from o2o.embedded.locks import FileLock
from o2o.embedded.paths import PROJECT_ROOT
from o2o.embedded.session import DEMO_LOCK


def launch(command: str, **env: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.run(
        [sys.executable, "-m", "o2o.embedded", command],
        capture_output=True,
        text=True,
        cwd=PROJECT_ROOT,
        env={**clean, **env},
        timeout=60,
        check=False,
    )


def assert_one_line(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 1
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    for word in words:
        assert word in result.stderr


def test_a_second_copy_in_the_same_folder(folder: Path) -> None:
    lock = FileLock(folder / DEMO_LOCK)
    lock.acquire()
    lock.path.write_text("process 4711, http://127.0.0.1:8119/")
    result = launch("demo", DATA_DIR=str(folder), PORT="8119")
    lock.release()
    assert_one_line(result, "already runs", "process 4711", str(folder))


def test_a_busy_port(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        result = launch("demo", DATA_DIR=str(folder / "data"), PORT=port)
    assert_one_line(result, f"Port {port}", "in use")
    assert not (folder / "data" / "postgres").exists(), "nothing was started for nothing"


@pytest.mark.parametrize("port", ["abc", "0", "70000"])
def test_a_port_that_is_none(folder: Path, port: str) -> None:
    assert_one_line(launch("demo", DATA_DIR=str(folder), PORT=port), "PORT must be a number")


def test_a_data_dir_that_cannot_be_written(folder: Path) -> None:
    file = folder / "file"
    file.write_text("")
    result = launch("demo", DATA_DIR=str(file / "data"), PORT="8119")
    assert_one_line(result, "Cannot write to DATA_DIR", str(file))


def test_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(folder)._replace(free=3 * checks.MEGABYTE)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(LaunchError, match=r"disk .* is full: 3 MB are free"):
        checks.check_disk(folder)


def test_missing_packages_are_named(folder: Path) -> None:
    # -S: this Python sees no installed package at all.
    result = subprocess.run(
        [sys.executable, "-S", "-m", "o2o.embedded", "demo"],
        capture_output=True,
        text=True,
        cwd=PROJECT_ROOT,
        env={**os.environ, "DATA_DIR": str(folder), "PORT": "8119", "PYTHONPATH": ""},
        check=False,
    )
    assert_one_line(result, "Packages are missing", "django", "make install")


def test_reset_removes_the_data_and_nothing_else(folder: Path) -> None:
    data = folder / "data"
    server = EmbeddedPostgres(data, fast=True)
    server.start()
    server.stop()
    (data / "my own notes.txt").write_text("keep me")
    (data / "media").mkdir()
    result = launch("reset", DATA_DIR=str(data))
    assert result.returncode == 0, result.stderr
    assert not (data / "postgres").exists()
    assert not (data / "media").exists()
    assert (data / "my own notes.txt").read_text() == "keep me"


def test_reset_refuses_while_the_demo_runs(folder: Path) -> None:
    (folder / "media").mkdir()
    lock = FileLock(folder / DEMO_LOCK)
    lock.acquire()
    result = launch("reset", DATA_DIR=str(folder))
    lock.release()
    assert_one_line(result, "stop it first", "Nothing was removed")
    assert (folder / "media").exists()


def test_reset_leaves_a_database_of_somebody_else_alone(folder: Path) -> None:
    (folder / "media").mkdir()
    result = launch("reset", DATA_DIR=str(folder), DATABASE_URL="postgres://h/o2o")
    assert_one_line(result, "DATABASE_URL is set", "nothing was removed")
    assert (folder / "media").exists()
