"""Where things lie: the project, DATA_DIR, and the folder of the sockets.

Everything here is a function of DATA_DIR and of file modes, so that a second terminal
(`manage.py shell`) finds the servers that the first one started.
"""

import hashlib
import os
import re
from pathlib import Path

from o2o.embedded import account

PROJECT_ROOT = Path(__file__).resolve().parents[2]

# A Unix socket path holds some 107 bytes on Linux, 103 on macOS; the longest name below the
# socket folder is "pg/.s.PGSQL.5432.lock".
SOCKET_PATH_MAX_BYTES = 100
LONGEST_SOCKET_NAME = "pg/.s.PGSQL.5432.lock"
# A comma separates hosts for libpq, "%" and "?" mean something in a URL: only plain names are safe.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
# Fixed on purpose: TMPDIR may differ between two terminals.
SHORT_SOCKET_PARENT = "/tmp"  # noqa: S108 - the folder below it is private
# A file in DATA_DIR while seed_demo fills a database that was empty when it began.
HALF_BUILT = "demo-half-built"


def data_dir() -> Path:
    """The folder of everything this copy keeps: DATA_DIR, or `.data` in the project.

    A relative DATA_DIR counts from the project root, whatever the current folder is.
    """
    given = os.environ.get("DATA_DIR") or ".data"
    return Path(os.path.realpath(PROJECT_ROOT / Path(given).expanduser()))


def data_dir_hash(data: Path) -> str:
    """A short name for this DATA_DIR, the same in every process."""
    return hashlib.sha256(os.fsencode(data)).hexdigest()[:12]


def socket_dir(data: Path) -> Path:
    """The folder of the sockets: `DATA_DIR/run`, or a short private one below /tmp.

    The short one is used when DATA_DIR is too deep for a socket path, has unusual characters,
    or cannot be entered by the account PostgreSQL runs as (root only).
    """
    inside = data / "run"
    length = len(os.fsencode(inside / LONGEST_SOCKET_NAME))
    if (
        length <= SOCKET_PATH_MAX_BYTES
        and PLAIN_PATH.fullmatch(str(inside))
        and account.server_can_enter(data)
    ):
        return inside
    return Path(SHORT_SOCKET_PARENT) / f"o2o-{os.geteuid()}-{data_dir_hash(data)}"


def postgres_socket_dir(data: Path) -> Path:
    """The folder libpq is given as its host."""
    return socket_dir(data) / "pg"


def valkey_socket(data: Path) -> Path:
    """The Unix socket of Valkey."""
    return socket_dir(data) / "valkey.sock"


def log_dir(data: Path) -> Path:
    """The folder of the logs of every process the launcher starts."""
    return data / "logs"
