"""Keeping processes alive and ending them together.

A process that stops by itself is reported and started again, first after one second, then after ever
longer pauses. Every child is asked to end when we end, and told to by the kernel should we be killed.
"""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from o2o.embedded import process
from o2o.embedded.errors import LaunchError
from o2o.embedded.postgres import EmbeddedPostgres
from o2o.embedded.valkey import EmbeddedValkey

PAUSES_SECONDS = (1, 2, 4, 8, 16, 30)
HEALTHY_SECONDS = 60
STOP_SECONDS = 10
WATCH_SECONDS = 0.25
LOG_CHECK_SECONDS = 30
LOG_LIMIT_BYTES = 20 * 1024 * 1024


class Service(Protocol):
    """Something that should be running for as long as we are."""

    name: str
    log: Path

    def start(self) -> None:
        """Start it; LaunchError when that cannot be done."""

    def ended(self) -> bool:
        """True when it is not running any more."""

    def ask_to_stop(self) -> None:
        """Ask it to end, without waiting."""

    def stop(self) -> None:
        """End it, by force if need be."""


@dataclass
class Program:
    """A service that is a plain child process."""

    name: str
    command: Sequence[str]
    log: Path
    cwd: Path
    env: Mapping[str, str]
    pass_fds: Sequence[int] = ()
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        process.rotate_log(self.log)
        self.child = process.spawn(
            self.command,
            log=self.log,
            cwd=self.cwd,
            env=self.env,
            pass_fds=self.pass_fds,
            dies_with_parent=signal.SIGTERM,
        )

    def ended(self) -> bool:
        return self.child is None or self.child.poll() is not None

    def ask_to_stop(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.terminate()

    def stop(self) -> None:
        if self.child is not None:
            process.stop(self.child, seconds=STOP_SECONDS)
            self.child = None


class Server:
    """A service that is an embedded PostgreSQL or Valkey.

    `adopted` tells that it ran already when we came; `leave_running` that others still need it when we go.
    """

    def __init__(self, name: str, server: EmbeddedPostgres | EmbeddedValkey) -> None:
        self.name = name
        self.log = server.log
        self.server = server
        self.adopted = False
        self.leave_running = False

    def start(self) -> None:
        self.adopted = not self.server.start()

    def ended(self) -> bool:
        child = self.server.child
        return self.server.pid is None if child is None else child.poll() is not None

    def ask_to_stop(self) -> None:
        """Nothing yet: the programs that use it end first."""

    def stop(self) -> None:
        if not self.leave_running:
            self.server.stop()


@dataclass
class _Watched:
    service: Service
    started_at: float
    failures: int = 0
    start_again_at: float | None = None


@dataclass
class Supervisor:
    """Starts services in the order given, watches them, stops them in the opposite order."""

    say: Callable[[str], None]
    watched: list[_Watched] = field(default_factory=list)
    logs_checked_at: float = 0

    def start(self, service: Service) -> None:
        """Start a service and watch it from now on."""
        # Listed first: a service that is interrupted while it starts is stopped like any other.
        self.watched.append(_Watched(service, time.monotonic()))
        service.start()

    def watch(self) -> None:
        """Start again whatever ends, until somebody asks us to stop (raises process.Interrupted)."""
        while True:
            for entry in self.watched:
                self._look_after(entry)
            self._limit_logs()
            time.sleep(WATCH_SECONDS)
            process.Interrupt.check()

    def _look_after(self, entry: _Watched) -> None:
        now = time.monotonic()
        if entry.start_again_at is not None:
            if now >= entry.start_again_at:
                self._start_again(entry)
            return
        if not entry.service.ended():
            if now - entry.started_at > HEALTHY_SECONDS:
                entry.failures = 0
            return
        entry.service.stop()  # whatever is left of its process group
        self._schedule(entry, f"ended unexpectedly: {process.why(entry.service.log)}")

    def _schedule(self, entry: _Watched, what: str) -> None:
        pause = PAUSES_SECONDS[min(entry.failures, len(PAUSES_SECONDS) - 1)]
        entry.failures += 1
        entry.start_again_at = time.monotonic() + pause
        self.say(
            f"{entry.service.name} {what}; starting it again in {pause} s (see {entry.service.log})."
        )

    def _start_again(self, entry: _Watched) -> None:
        entry.start_again_at = None
        entry.started_at = time.monotonic()
        try:
            entry.service.start()
        except LaunchError as error:
            self._schedule(entry, f"could not be started: {error}")
        else:
            self.say(f"{entry.service.name} is running again.")

    def _limit_logs(self) -> None:
        """Keep long-lived logs small: writers append, so a log can be copied and cut at any time."""
        now = time.monotonic()
        if now - self.logs_checked_at < LOG_CHECK_SECONDS:
            return
        self.logs_checked_at = now
        folders = {entry.service.log.parent for entry in self.watched}
        for log in [log for folder in folders for log in folder.glob("*.log")]:
            if log.stat().st_size > LOG_LIMIT_BYTES:
                shutil.copyfile(log, log.with_name(f"{log.name}.1"))
                with log.open("r+b") as file:
                    file.truncate(0)

    def stop(self) -> None:
        """Ask everything to end at once, then wait for each, the servers last."""
        for entry in reversed(self.watched):
            entry.service.ask_to_stop()
        for entry in reversed(self.watched):
            entry.service.stop()
        self.watched.clear()
