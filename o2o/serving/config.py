"""gunicorn's settings: `gunicorn --config python:o2o.serving.config o2o.wsgi`.

One listening socket for all processes, held by the parent: one that dies loses no waiting connection.
Who takes the next connection is said in o2o/serving/turns.py.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from o2o.embedded.errors import LaunchError
from o2o.embedded.listening import open_listener
from o2o.serving.counts import clear_stale, open_counts

workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)
worker_class = "o2o.serving.worker.WaitressWorker"
preload_app = True
graceful_timeout = 5
control_socket_disable = True
# A heartbeat file on a slow disk would look like a process that hangs.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
logger_class = "o2o.serving.logs.ServerLogger"
# Where the processes put their counts together for /metrics; set before prometheus-client is loaded.
_memory = Path(worker_tmp_dir or tempfile.gettempdir())
clear_stale(_memory)
_counts = open_counts(_memory)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_counts)


def _sockets() -> list[str]:
    """The one the launcher hands over (WEB_SOCKET, a number), or WEB_BIND opened here."""
    handed = os.environ.get("WEB_SOCKET", "")
    if handed:
        return [f"fd://{int(handed)}"]
    address = os.environ.get("WEB_BIND") or "127.0.0.1:8000"
    if address.startswith("unix:"):
        return [address]
    host, _, port = address.rpartition(":")
    try:
        found = open_listener(host.strip("[]"), int(port))
    except LaunchError as error:
        raise SystemExit(str(error)) from error
    return [f"fd://{found.detach()}"]


bind = _sockets()


def on_exit(_server: Any) -> None:
    """The counts end with the processes they are of."""
    shutil.rmtree(_counts, ignore_errors=True)
