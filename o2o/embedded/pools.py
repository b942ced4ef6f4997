"""The worker processes, each with the lanes it serves and its threads; docker-compose.yml says the same.

Money and sign-in have a process each: a mail server or a report that hangs holds nobody else.
Threads wait for networks and databases, they do not compute. What a person waits for goes first: mails and
figures are made at a lower priority of the processor, and wait for their turn when everything is busy.
"""

import sys
from typing import NamedTuple


class Pool(NamedTuple):
    """One worker process: its name, the queues it takes from, how many tasks at once, its niceness."""

    name: str
    lanes: tuple[str, ...]
    threads: int
    nice: int = 0


POOLS = (
    Pool("money", ("money",), 3),
    Pool("sign-in", ("sign-in",), 2),
    Pool("messages", ("messages", "insight"), 3, nice=10),
)


def worker_command(pool: Pool) -> list[str]:
    """How the launcher starts the worker of ``pool``."""
    return [
        *(("nice", "-n", str(pool.nice)) if pool.nice else ()),
        *(sys.executable, "-m", "celery", "-A", "o2o", "worker", "--loglevel=INFO"),
        f"--queues={','.join(pool.lanes)}",
        f"--hostname={pool.name}@%h",
        f"--concurrency={pool.threads}",
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]
