"""A gunicorn worker in which waitress speaks HTTP.

Waitress reads every request whole, its body too, before one of the threads gets it: a client that
sends slowly, or nothing, occupies a little memory and no thread. gunicorn keeps what it is good at:
the processes, their restart, one loaded application for all of them.
"""

from __future__ import annotations

import os
import time
from types import FrameType
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

from o2o.serving.parser import TolerantChannel
from o2o.serving.turns import Turns

LOOP_SECONDS = 1.0
HEARTBEAT_SECONDS = 0.5
"""How often the parent is told that this process lives, and asked whether it does."""
CONNECTIONS = 800
"""Below the 1,024 open files that most systems allow a process."""
SILENT_SECONDS = 30
"""A connection on which nothing happens for so long is closed."""
BODY_BYTES = 64 * 1024 * 1024


class WaitressWorker(Worker):
    """One process. All share the listening socket and take turns (o2o/serving/turns.py)."""

    listeners: tuple[BaseWSGIServer, ...] = ()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM: `run` ends its loop at once."""
        self.alive = False
        for each in self.listeners:
            each.pull_trigger()

    def run(self) -> None:
        """Serve until told to stop; then answer every request that has come whole, and end."""
        channels: dict[int, Any] = {}
        server = create_server(
            self.wsgi,
            map=channels,
            sockets=[each.sock for each in self.sockets],
            threads=self.cfg.threads,
            connection_limit=CONNECTIONS,
            channel_timeout=SILENT_SECONDS,
            cleanup_interval=5,
            max_request_body_size=BODY_BYTES,
            asyncore_use_poll=True,
            ident=None,
            # Whether a proxy is believed is decided by TRUST_PROXY, in the settings.
            clear_untrusted_proxy_headers=False,
        )
        self.listeners = tuple(c for c in channels.values() if isinstance(c, BaseWSGIServer))
        for each in self.listeners:
            each.channel_class = TolerantChannel
        turns = Turns(self.listeners, channels)
        told = 0.0
        while self.alive:
            # Two calls of the system: not for each of the rounds that a request takes.
            if time.monotonic() - told >= HEARTBEAT_SECONDS:
                if self.ppid != os.getppid():
                    break
                self.notify()
                told = time.monotonic()
            timeout = turns.begin(LOOP_SECONDS)
            wasyncore.loop(timeout=timeout, use_poll=True, map=channels, count=1)
        for each in self.listeners:
            each.accepting = False
        until = time.monotonic() + self.cfg.graceful_timeout
        while any(map(_is_busy, channels.values())) and time.monotonic() < until:
            self.notify()
            wasyncore.loop(timeout=0.1, use_poll=True, map=channels, count=1)
        server.task_dispatcher.shutdown(timeout=1)


def _is_busy(channel: Any) -> bool:
    """Whether a request that came whole waits for its answer, or an answer for being sent."""
    return bool(getattr(channel, "requests", None) or getattr(channel, "total_outbufs_len", 0))
