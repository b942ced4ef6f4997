"""Children are started again when they end, and end when we end, kill -9 included."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from o2o.embedded import process
from o2o.embedded.paths import PROJECT_ROOT
from o2o.embedded.supervisor import Program, Supervisor

# A child with a child of its own, both of which tell their ids and then wait.
FAMILY = "echo $$; sleep 600 & echo $!; wait"
PARENT = """
import sys, time
from pathlib import Path
from o2o.embedded.supervisor import Program, Supervisor
folder = Path(sys.argv[1])
shell = ["sh", "-c", "echo $$; exec sleep 600"]
program = Program("family", shell, folder / "f.log", folder, {"PATH": "/bin:/usr/bin"})
Supervisor(print).start(program)
time.sleep(600)
"""


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Program]:
    def make(script: str) -> Program:
        command = ["sh", "-c", script]
        return Program("child", command, tmp_path / "child.log", tmp_path, dict(os.environ))

    return make


def numbers(log: Path) -> list[int]:
    return [int(word) for word in log.read_text().split()] if log.exists() else []


def test_stop_ends_the_whole_family(program: Callable[[str], Program]) -> None:
    child = program(FAMILY)
    supervisor = Supervisor(lambda text: None)
    supervisor.start(child)
    assert process.wait_until(lambda: len(numbers(child.log)) == 2, seconds=5)
    supervisor.stop()
    for pid in numbers(child.log):
        assert process.wait_until(lambda pid=pid: not process.pid_alive(pid), seconds=5)


def test_a_child_that_ignores_the_request_is_killed(
    program: Callable[[str], Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("o2o.embedded.supervisor.STOP_SECONDS", 0.2)
    child = program("trap '' TERM; echo $$; while :; do sleep 1; done")
    supervisor = Supervisor(lambda text: None)
    supervisor.start(child)
    assert process.wait_until(lambda: bool(numbers(child.log)), seconds=5)
    supervisor.stop()
    assert not process.pid_alive(numbers(child.log)[0])


def test_a_child_that_ends_is_reported_and_started_again_with_growing_pauses(
    program: Callable[[str], Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 5:  # ended, again, ended, again, ended
            process.Interrupt.requested = True

    monkeypatch.setattr("o2o.embedded.supervisor.PAUSES_SECONDS", (0.1, 0.2, 0.4))
    monkeypatch.setattr("o2o.embedded.supervisor.WATCH_SECONDS", 0.02)
    monkeypatch.setattr(process.Interrupt, "requested", False)
    supervisor = Supervisor(say)
    supervisor.start(program("echo 'RuntimeError: out of paper'; exit 3"))
    with pytest.raises(process.Interrupted):
        supervisor.watch()
    monkeypatch.setattr(process.Interrupt, "requested", False)
    supervisor.stop()
    assert "child ended unexpectedly: RuntimeError: out of paper" in said[0]
    assert "in 0.1 s" in said[0]
    assert said[1] == "child is running again."
    assert "in 0.2 s" in said[2]
    assert "in 0.4 s" in said[4]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux")
def test_kill_9_of_the_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], cwd=PROJECT_ROOT)
    log = tmp_path / "f.log"
    assert process.wait_until(lambda: bool(numbers(log)), seconds=10)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert process.wait_until(lambda: not process.pid_alive(numbers(log)[0]), seconds=5)


def test_a_long_log_is_cut_while_its_writer_goes_on(
    program: Callable[[str], Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("o2o.embedded.supervisor.LOG_LIMIT_BYTES", 10)
    child = program("echo a long first line; read forever < /dev/tty; sleep 600")
    supervisor = Supervisor(lambda text: None)
    supervisor.start(child)
    assert process.wait_until(lambda: child.log.stat().st_size > 10, seconds=5)
    supervisor._limit_logs()
    supervisor.stop()
    assert child.log.stat().st_size < 100
    assert "a long first line" in child.log.with_name("child.log.1").read_text()
