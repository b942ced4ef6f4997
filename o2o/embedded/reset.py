"""Forgetting the data of one DATA_DIR, and only what the launcher itself made there."""

import shutil
from pathlib import Path

from o2o.embedded import urls
from o2o.embedded.errors import LaunchError
from o2o.embedded.locks import FileLock, is_held
from o2o.embedded.paths import HALF_BUILT, data_dir, socket_dir
from o2o.embedded.session import DEMO_LOCK, USERS_LOCK, embedded_servers

OURS = ("postgres", "postgres.new", "valkey", "beat", "static", "media", "logs", "secret_key")
STAMPS = ("static.stamp", "migrations.stamp", "seed.stamp", HALF_BUILT)


def reset() -> Path:
    """Remove database, queue, media, logs and secrets; returns DATA_DIR.

    Raises LaunchError while the demo or a command uses them, or when the database is somebody else's.
    """
    data = data_dir()
    if not urls.database_is_embedded():
        message = "DATABASE_URL is set: that database is not ours to empty; nothing was removed."
        raise LaunchError(message)
    if not data.exists():
        return data
    if is_held(data / DEMO_LOCK):
        message = f"The demo runs in {data}; stop it first. Nothing was removed."
        raise LaunchError(message)
    users = FileLock(data / USERS_LOCK)
    if not users.acquire():
        message = f"A command is using {data}; wait for it or stop it. Nothing was removed."
        raise LaunchError(message)
    try:
        for server in embedded_servers():
            server.stop()
        sockets = socket_dir(data)
        for name in (*OURS, *STAMPS):
            _remove(data / name)
        _remove(sockets)
    finally:
        users.release()
    return data


def _remove(path: Path) -> None:
    if path.is_symlink():
        # A cluster outside of a closed home: what the link names is ours as well.
        shutil.rmtree(path.resolve(), ignore_errors=True)
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
