"""The worker processes, each with the lanes it serves and its threads; docker-compose.yml says the same.

Money and sign-in have a process each: a mail server or a report that hangs holds nobody else.
Threads wait for networks and databases, they do not compute.
"""

import sys
from typing import NamedTuple


class Pool(NamedTuple):
    """One worker process: its name, the queues it takes from, and how many tasks at once."""

    name: str
    lanes: tuple[str, ...]
    threads: int


POOLS = (
    Pool("money", ("money",), 3),
    Pool("sign-in", ("sign-in",), 2),
    Pool("messages", ("messages", "insight"), 3),
)


def worker_command(pool: Pool) -> list[str]:
    """How the launcher starts the worker of ``pool``."""
    return [
        *(sys.executable, "-m", "celery", "-A", "o2o", "worker", "--loglevel=INFO"),
        f"--queues={','.join(pool.lanes)}",
        f"--hostname={pool.name}@%h",
        f"--concurrency={pool.threads}",
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]
