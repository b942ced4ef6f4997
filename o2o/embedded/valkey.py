"""The embedded Valkey of one DATA_DIR: started, adopted, stopped, killed."""

import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Self

from o2o.embedded import binaries, process, storage
from o2o.embedded.errors import LaunchError
from o2o.embedded.locks import FileLock
from o2o.embedded.paths import data_dir, log_dir, valkey_socket

READY_SECONDS = 60  # reading a long append-only file back takes its time
STOP_SECONDS = 15
ANSWER_SECONDS = 2

# TCP is off. "noeviction": a queue must never lose an entry to make room.
OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "databases": "64",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
    "loglevel": "notice",
}


class EmbeddedValkey:
    """Valkey for one DATA_DIR, reached over a Unix socket only. Usable as a context manager."""

    def __init__(self, data: Path | None = None) -> None:
        self.data = Path(os.path.realpath(data)) if data else data_dir()
        self.folder = self.data / "valkey"
        self.log = log_dir(self.data) / "valkey.log"
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """The Unix socket the server listens on."""
        return valkey_socket(self.data)

    @property
    def url(self) -> str:
        """The address for redis-py."""
        return f"unix://{self.socket}?db=0"

    @property
    def pid(self) -> int | None:
        """The process id of the live server of this DATA_DIR, ours or adopted."""
        found = re.search(rb"process_id:(\d+)", self._ask(b"INFO server"))
        return int(found[1]) if found else None

    def start(self, *, dies_with_us: bool = True) -> bool:
        """Start the server and wait until it answers; returns False when a live one was adopted instead."""
        storage.prepare_data_dir(self.data)
        with FileLock(self.data / "valkey.lock"):
            if self._ask(b"PING"):
                process.wait_until(self._is_ready, seconds=READY_SECONDS)
                return False
            storage.own_folder(self.folder, mode=storage.PRIVATE)
            process.rotate_log(self.log)
            self._launch(dies_with_us=dies_with_us)
        return True

    def stop(self) -> None:
        """Stop the server of this DATA_DIR, ours or adopted; what it holds is written to disk first."""
        if self.child is not None:
            process.stop(self.child, number=signal.SIGTERM, seconds=STOP_SECONDS, patient=True)
            self.child = None
            return
        pid = self.pid
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            process.wait_until(
                lambda: not process.pid_alive(pid), seconds=STOP_SECONDS, interruptible=False
            )

    def kill9(self) -> None:
        """Kill the server without warning; for crash tests."""
        pid = self.pid
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None
        elif pid is not None:
            os.kill(pid, signal.SIGKILL)
            process.wait_until(
                lambda: not process.pid_alive(pid), seconds=STOP_SECONDS, interruptible=False
            )

    def wipe(self) -> None:
        """Lose everything it holds (the server must be stopped or killed); for crash tests."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launch(self, *, dies_with_us: bool) -> None:
        command = [str(binaries.valkey_program()), "--unixsocket", str(self.socket)]
        for name, value in OPTIONS.items():
            command += [f"--{name}", value]
        # Its files go to the current folder, so that no path has to survive its option parser.
        self.child = process.spawn(
            command,
            log=self.log,
            cwd=self.folder,
            dies_with_parent=signal.SIGTERM if dies_with_us else None,
        )
        child = self.child
        process.wait_until(
            lambda: child.poll() is not None or self._is_ready(), seconds=READY_SECONDS
        )
        if child.poll() is not None or not self._is_ready():
            self.stop()
            message = f"Valkey did not start: {process.why(self.log)} (see {self.log})"
            raise LaunchError(message)

    def _is_ready(self) -> bool:
        return self._ask(b"PING").startswith(b"+PONG")

    def _ask(self, command: bytes) -> bytes:
        """One inline command over the socket; empty when nobody answers."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(ANSWER_SECONDS)
            try:
                client.connect(str(self.socket))
                client.sendall(command + b"\r\n")
                return client.recv(8192)
            except OSError:
                return b""
