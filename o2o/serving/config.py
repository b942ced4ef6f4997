"""gunicorn's settings: `gunicorn --config python:o2o.serving.config o2o.wsgi`.

One listening socket per process. With one for all, whichever process wakes first takes every
waiting connection, and eight browsers with connections kept open may all sit at one process while
the other idles; with several of the same address the kernel deals them out. All sockets are held by
the parent, so a process that dies loses no waiting connection.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from o2o.embedded.errors import LaunchError
from o2o.embedded.listening import open_listeners
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
    """Those the launcher hands over (WEB_SOCKETS), or WEB_BIND opened here, once per process."""
    handed = os.environ.get("WEB_SOCKETS", "")
    if handed:
        return [f"fd://{number}" for number in handed.split(",")]
    address = os.environ.get("WEB_BIND") or "127.0.0.1:8000"
    if address.startswith("unix:"):
        return [address]
    host, _, port = address.rpartition(":")
    try:
        found = open_listeners(host.strip("[]"), int(port), count=workers)
    except LaunchError as error:
        raise SystemExit(str(error)) from error
    return [f"fd://{each.detach()}" for each in found]


bind = _sockets()


def on_exit(_server: Any) -> None:
    """The counts end with the processes they are of."""
    shutil.rmtree(_counts, ignore_errors=True)


def pre_fork(server: Any, worker: Any) -> None:
    """Give the new process the socket that the fewest others listen on."""
    sockets = server.LISTENERS
    taken = [each.slot for each in server.WORKERS.values()]
    worker.slot = min(range(len(sockets)), key=taken.count)
    processes = max(1, min(workers, len(sockets)))
    worker.sockets = sockets[worker.slot % processes :: processes]
