"""The directory in which web processes put their counts together for /metrics.

It is on a memory disk and belongs to one server. Whoever uses it holds a lock in it: the server and,
by inheritance, its processes. A server that was killed cannot tidy up; its lock is gone with it, and
the next one to start removes what it left.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "o2o-counts-"
_LOCK = "lock"


def open_counts(parent: Path) -> Path:
    """Make a directory in ``parent`` that is ours until this process and its children end."""
    draft = Path(tempfile.mkdtemp(prefix="o2o-draft-", dir=parent))
    # Inherited by forks, and open for as long as one of them lives.
    held = os.open(draft / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    # Found by others only under its final name, when the lock is held already.
    return draft.rename(parent / f"{PREFIX}{draft.name.removeprefix('o2o-draft-')}")


def clear_stale(parent: Path) -> int:
    """Remove the directories of servers that are gone; return how many.

    Only those of this user. One without a lock is not understood and stays.
    """
    gone = 0
    for path in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # somebody else has removed it, or holds it
            if path.is_symlink() or path.stat().st_uid != os.getuid():
                continue
            lock = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
                gone += 1
            finally:
                os.close(lock)
    return gone
