"""The embedded PostgreSQL of one DATA_DIR: made, started, adopted, stopped, killed."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

from o2o.embedded import binaries, process, storage
from o2o.embedded.account import Account
from o2o.embedded.errors import LaunchError
from o2o.embedded.locks import FileLock
from o2o.embedded.paths import data_dir, log_dir, postgres_socket_dir
from o2o.embedded.tuning import FAST_SETTINGS, PORT, SETTINGS

DATABASE_NAME = "o2o"
DATABASE_USER = "o2o"
READY_SECONDS = 300  # a crash recovery may take its time
RETRY_SECONDS = 30
STOP_SECONDS = 30
# After kill -9 the orphans of the old server hold its memory and locks for a moment.
TRY_AGAIN = (
    "already exists",
    "still in use",
    "pre-existing shared memory",
    "Address already in use",
)
# No process ever has this id: PostgreSQL then sees for itself that the lock file is stale.
NO_SUCH_PID = 2**31 - 2


class EmbeddedPostgres:
    """PostgreSQL for one DATA_DIR, reached over a Unix socket only.

    `fast=True` gives up durability (no fsync) and is for unit tests only. Usable as a context manager.
    """

    def __init__(self, data: Path | None = None, *, fast: bool = False) -> None:
        self.data = Path(os.path.realpath(data)) if data else data_dir()
        self.fast = fast
        self.cluster = self.data / "postgres"
        self.log = log_dir(self.data) / "postgres.log"
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for libpq, the socket folder percent-encoded."""
        host = quote(str(postgres_socket_dir(self.data)), safe="")
        return f"postgresql://{DATABASE_USER}@{host}:{PORT}/{DATABASE_NAME}"

    @property
    def pid(self) -> int | None:
        """The process id of the live server of this DATA_DIR, ours or adopted."""
        return self._live_pid()

    def start(self, *, dies_with_us: bool = True) -> bool:
        """Start the server and wait until it answers; returns False when a live one was adopted instead.

        Makes the cluster and the database on the first call. `dies_with_us=False` leaves
        it running should this process be killed. Raises LaunchError in one line.
        """
        storage.prepare_data_dir(self.data)
        with FileLock(self.data / "postgres.lock"):
            if self._wait_for_live():
                return False
            account = storage.database_account(self.data)
            bin_folder = binaries.postgres_bin(self.data, account)
            if not (self.cluster / "PG_VERSION").exists():
                self._make_cluster(bin_folder, account)
            self._check_version(bin_folder)
            command = self._command(bin_folder, storage.prepare_database_socket_dir(self.data))
            process.rotate_log(self.log)
            self._launch(command, account, dies_with_us=dies_with_us)
            self._ensure_database()
        return True

    def stop(self) -> None:
        """Stop the server of this DATA_DIR, ours or adopted: open transactions are rolled back, data is safe."""
        if self.child is not None:
            process.stop(self.child, number=signal.SIGINT, seconds=STOP_SECONDS, patient=True)
            self.child = None
            return
        pid = self._live_pid()
        if pid is None:
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            _signal(pid, number)
            if process.wait_until(
                lambda: self._live_pid() != pid, seconds=STOP_SECONDS, interruptible=False
            ):
                return

    def kill9(self) -> None:
        """Kill the server without warning, as a power cut would; for crash tests."""
        pid = self._live_pid()
        if pid is not None:
            _signal(pid, signal.SIGKILL)
        if self.child is not None:
            self.child.wait()
            self.child = None
        elif pid is not None:
            process.wait_until(
                lambda: self._live_pid() != pid, seconds=STOP_SECONDS, interruptible=False
            )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _lock_lines(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _live_pid(self) -> int | None:
        """The server's id when postmaster.pid names a live server of *this* cluster, not a recycled id."""
        if self.child is not None and self.child.poll() is not None:
            self.child = None
        lines = self._lock_lines()
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        if not process.pid_alive(pid) or not self._is_ours(pid):
            return None
        return pid

    def _is_ours(self, pid: int) -> bool:
        if not Path("/proc/self").exists():
            return self._answers()
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == self.cluster.resolve()
        except PermissionError:
            return self._answers()
        except OSError:  # a zombie, or gone meanwhile
            return False

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(postgres_socket_dir(self.data) / f".s.PGSQL.{PORT}"))
            except OSError:
                return False
        return True

    def _is_ready(self) -> bool:
        lines = self._lock_lines()
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _wait_for_live(self) -> bool:
        """True when a live server is ready; one that is just stopping is waited for and then counts as none."""
        process.wait_until(
            lambda: self._live_pid() is None or self._is_ready(), seconds=READY_SECONDS
        )
        return self._live_pid() is not None

    def _make_cluster(self, bin_folder: Path, account: Account | None) -> None:
        folder = storage.new_cluster_folder(self.data, account)
        command = [str(bin_folder / "initdb"), "-D", str(folder), "-U", DATABASE_USER, "-E", "UTF8"]
        command += [
            "--auth-local=trust",
            "--auth-host=reject",
            *(["--no-sync"] if self.fast else []),
        ]
        result = process.run(
            [*command, "--locale=C.UTF-8"], cwd=folder.parent, env=_server_env(), account=account
        )
        if result.returncode != 0 and "locale" in result.stderr:
            # Systems without C.UTF-8 (macOS, old Linux): PostgreSQL 17 and later bring their own.
            storage.new_cluster_folder(self.data, account)
            builtin = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            result = process.run(
                [*command, *builtin], cwd=folder.parent, env=_server_env(), account=account
            )
        if result.returncode != 0:
            raise LaunchError(
                _one_line("The database could not be made", result.stderr.splitlines())
            )
        storage.adopt_cluster_folder(self.data, folder)

    def _check_version(self, bin_folder: Path) -> None:
        made_by = (self.cluster / "PG_VERSION").read_text().strip()
        words = process.run(
            [str(bin_folder / "postgres"), "--version"], cwd=Path("/")
        ).stdout.split()
        if words and words[-1].partition(".")[0] != made_by:
            message = (
                f"The data in {self.cluster} was made by PostgreSQL {made_by}, the installed one is {words[-1]}: "
                "see docs/operations.md, section Upgrade."
            )
            raise LaunchError(message)

    def _command(self, bin_folder: Path, socket_folder: Path) -> list[str]:
        """The server with its settings as arguments: root writes no file into the other account's folder."""
        values = {**SETTINGS, **(FAST_SETTINGS if self.fast else {})}
        values["unix_socket_directories"] = str(socket_folder)
        command = [str(bin_folder / "postgres"), "-D", str(self.cluster.resolve())]
        for name, value in values.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _launch(self, command: list[str], account: Account | None, *, dies_with_us: bool) -> None:
        give_up = time.monotonic() + RETRY_SECONDS
        while True:
            self._free_recycled_locks()
            written = self.log.stat().st_size if self.log.exists() else 0
            self.child = process.spawn(
                command,
                log=self.log,
                cwd=self.cluster.resolve().parent,
                env=_server_env(),
                account=account,
                dies_with_parent=signal.SIGINT if dies_with_us else None,
            )
            if self._becomes_ready(self.child):
                return
            self.stop()
            lines = _lines_since(self.log, written)
            again = any(sign in line for line in lines for sign in TRY_AGAIN)
            if not again or time.monotonic() > give_up:
                raise LaunchError(_one_line("PostgreSQL did not start", lines, self.log))
            time.sleep(0.2)

    def _becomes_ready(self, child: subprocess.Popen[bytes]) -> bool:
        process.wait_until(
            lambda: child.poll() is not None or self._ready_as(child.pid), seconds=READY_SECONDS
        )
        return child.poll() is None and self._ready_as(child.pid)

    def _ready_as(self, pid: int) -> bool:
        lines = self._lock_lines()
        return bool(lines) and lines[0].strip() == str(pid) and self._is_ready()

    def _free_recycled_locks(self) -> None:
        """Mark lock files stale whose process id now belongs to somebody else (usual in containers).

        The files stay: PostgreSQL itself checks that no orphan still uses the old shared memory.
        """
        socket_lock = postgres_socket_dir(self.data) / f".s.PGSQL.{PORT}.lock"
        for lock in (self.cluster / "postmaster.pid", socket_lock):
            try:
                first, _, rest = lock.read_text().partition("\n")
            except OSError:
                continue
            pid = int(first) if first.strip().isdigit() else 0
            if process.pid_alive(pid) and not self._is_ours(pid):
                with open(os.open(lock, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "w") as file:
                    file.write(f"{NO_SUCH_PID}\n{rest}")

    def recreate_database(self) -> None:
        """Throw the database away and make an empty one; the server must be running."""
        self._sql(f"DROP DATABASE IF EXISTS {DATABASE_NAME} WITH (FORCE)")
        self._ensure_database()

    def _ensure_database(self) -> None:
        known = f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE_NAME}'"  # noqa: S608
        if self._sql(known).strip() != "1":
            self._sql(f"CREATE DATABASE {DATABASE_NAME} TEMPLATE template0")

    def _sql(self, statement: str) -> str:
        quiet = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1"]
        address = ["-h", str(postgres_socket_dir(self.data)), "-p", str(PORT), "-U", DATABASE_USER]
        command = [str(binaries.client_program("psql")), *quiet, *address, "-d", "postgres"]
        result = process.run([*command, "-c", statement], cwd=self.data, env=_server_env())
        if result.returncode != 0:
            self.stop()
            message = _one_line("The database could not be made", result.stderr.splitlines())
            raise LaunchError(message)
        return result.stdout


def _server_env() -> dict[str, str]:
    """An environment without the PG* variables of whoever called us."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
    except PermissionError as error:
        message = (
            f"The PostgreSQL with process id {pid} belongs to another user and was left running."
        )
        raise LaunchError(message) from error


def _lines_since(log: Path, offset: int) -> list[str]:
    with log.open("rb") as file:
        file.seek(offset)
        return file.read().decode(errors="replace").splitlines()


def _one_line(what: str, lines: list[str], log: Path | None = None) -> str:
    where = f" (see {log})" if log else ""
    return f"{what}: {process.telling_line(lines)}{where}"
