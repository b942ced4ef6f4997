"""Starting, watching and stopping the processes of others."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from o2o.embedded.account import Account
from o2o.embedded.errors import LaunchError

PR_SET_PDEATHSIG = 1
KEPT_LOGS = 3
POLL_SECONDS = 0.02
# Most telling first: the disk, the database, the last line of a Python traceback.
TELLING = (
    re.compile("No space left on device|Disk quota exceeded"),
    re.compile("FATAL|PANIC|: error: "),
    re.compile(r"^[A-Za-z_][\w.]*(Error|Exception|Configured|Interrupt)\b"),
)


class Interrupted(BaseException):
    """The person, or the system, asked us to stop while we were waiting for something."""


class Interrupt:
    """Whether somebody asked us to stop; a plain flag, since a signal handler must take no lock.

    `terminal` is the terminal we were started from, if any. When it closes, the kernel tells only the
    session's leader, and not every leader passes that on (make does not), so we look for ourselves.
    """

    requested = False
    terminal: int | None = None

    @classmethod
    def check(cls) -> None:
        """Raise Interrupted when we were asked to stop or the terminal has closed."""
        if cls.terminal is not None and not os.isatty(cls.terminal):
            cls.terminal = None
            cls.requested = True
        if cls.requested:
            raise Interrupted


# Loaded before any fork: a child between fork and exec must not import or open anything.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _before_exec(signal_number: int | None) -> Callable[[], None] | None:
    """A hook that has the kernel send `signal_number` to the child when its parent dies, even by kill -9.

    The kernel watches the parent's *thread*: asked for from another thread than the main one, the child
    would die with that thread, so there the hook is left out.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()
    if signal_number is None or _libc is None or not in_main_thread:
        return None
    libc, number, parent = _libc, int(signal_number), os.getpid()

    def ask_for_signal() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return ask_for_signal


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    pass_fds: Sequence[int] = (),
    dies_with_parent: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output appended to `log`.

    A session of its own keeps a terminal's Ctrl-C away from it: the launcher decides the order of the end.
    `dies_with_parent` is the signal the child gets should we die without having stopped it (Linux).
    Raises LaunchError when the program cannot be started.
    """
    with log.open("ab") as output:
        try:
            return subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=dict(env) if env is not None else None,
                start_new_session=True,
                pass_fds=tuple(pass_fds),
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                preexec_fn=_before_exec(dies_with_parent),  # noqa: PLW1509 - main thread only
            )
        except OSError as error:
            message = f"{command[0]} could not be started: {error.strerror}."
            raise LaunchError(message) from error


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    timeout_seconds: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a short command to its end and capture its words; never raises for its exit code."""
    return subprocess.run(
        list(command),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        cwd=cwd,
        env=dict(env) if env is not None else None,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,
        timeout=timeout_seconds,
        check=False,
    )


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def pid_alive(pid: int) -> bool:
    """True when a process with this id runs; one that has ended but was not waited for does not."""
    if pid <= 0 or _is_zombie(pid):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def wait_until(
    condition: Callable[[], bool],
    *,
    seconds: float,
    interruptible: bool = True,
    poll_seconds: float = POLL_SECONDS,
) -> bool:
    """Ask `condition` again and again until it holds (True) or the time is over (False).

    Raises Interrupted when we are asked to stop meanwhile, unless it is part of the stopping.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if interruptible:
            Interrupt.check()
        if time.monotonic() >= deadline:
            return False
        time.sleep(poll_seconds)
    return True


def signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to the child's whole process group, the members that outlived it included."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def stop(
    child: subprocess.Popen[bytes],
    *,
    number: int = signal.SIGTERM,
    seconds: float = 10,
    patient: bool = False,
) -> None:
    """Ask the child to end, wait, then kill whatever of its group is left.

    A second request to stop (Ctrl-C again) cuts the wait short, unless `patient`.
    """
    if child.poll() is None:
        child.send_signal(number)
        wait_until(
            lambda: child.poll() is not None or (Interrupt.requested and not patient),
            seconds=seconds,
            interruptible=False,
        )
    signal_group(child, signal.SIGKILL)
    child.wait()


def rotate_log(log: Path) -> None:
    """Move `log` to log.1 (log.1 to log.2 …), keeping the last few."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if not log.exists() or log.stat().st_size == 0:
        return
    for number in range(KEPT_LOGS, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        newer = log.with_name(f"{log.name}.{number - 1}") if number > 1 else log
        if newer.exists():
            newer.replace(older)


def last_lines(log: Path, count: int = 5, size_bytes: int = 8192) -> list[str]:
    """The last non-empty lines of a log, for a person to read."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - size_bytes))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-count:]


def telling_line(lines: Sequence[str]) -> str:
    """The line among a program's words that says best why it ended."""
    said = [line.strip() for line in lines if line.strip()]
    for pattern in TELLING:
        found = [line for line in said if pattern.search(line)]
        if found:
            return found[-1]
    return said[-1] if said else "it said nothing"


def why(log: Path) -> str:
    """The line of a log that says best why its writer ended."""
    return telling_line(last_lines(log, 40))
