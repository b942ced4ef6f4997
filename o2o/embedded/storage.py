"""Folders with the right owner: below DATA_DIR, or outside when the server's account cannot get in there."""

import os
import secrets
import shutil
import stat
from pathlib import Path

from o2o.embedded.account import Account, server_account, server_can_enter
from o2o.embedded.errors import LaunchError
from o2o.embedded.paths import data_dir_hash, log_dir, postgres_socket_dir, socket_dir

# Only used by root whose DATA_DIR lies in a closed home: kept over restarts, never cleaned like /tmp.
OUTSIDE_FOLDERS = (Path("/var/lib/o2o-embedded"), Path("/var/tmp/o2o-embedded"))  # noqa: S108
OPEN_TO_ENTER = 0o711
PRIVATE = 0o700


def own_folder(folder: Path, *, mode: int, account: Account | None = None) -> Path:
    """Make `folder` and see that it is a real folder of the right owner; refuses one somebody else put there."""
    owner = account.uid if account else os.geteuid()
    if not folder.is_symlink() and not folder.exists():
        folder.mkdir(parents=True)
        if account:
            os.chown(folder, account.uid, account.gid)
        folder.chmod(mode)
    info = folder.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != owner:
        message = f"{folder} belongs to another user; remove it or choose another DATA_DIR."
        raise LaunchError(message)
    if stat.S_IMODE(info.st_mode) != mode:
        folder.chmod(mode)
    return folder


def prepare_data_dir(data: Path) -> None:
    """Make DATA_DIR with its log and socket folders, or raise LaunchError in one line."""
    try:
        if not data.exists():
            data.mkdir(parents=True)
            data.chmod(OPEN_TO_ENTER if os.geteuid() == 0 else PRIVATE)
        probe = data / f".write-{os.getpid()}"
        probe.write_bytes(b"o2o")
        probe.unlink()
        log_dir(data).mkdir(exist_ok=True)
    except OSError as error:
        message = f"Cannot write to DATA_DIR {data}: {error.strerror}."
        raise LaunchError(message) from error
    own_folder(socket_dir(data), mode=OPEN_TO_ENTER if os.geteuid() == 0 else PRIVATE)


def database_account(data: Path) -> Account | None:
    """Who PostgreSQL runs as: whoever owns an existing cluster, else the unprivileged account (root only)."""
    account = server_account()
    cluster = data / "postgres"
    if account and cluster.exists():
        info = cluster.stat()
        if info.st_uid != 0:
            return Account(info.st_uid, info.st_gid)
    return account


def prepare_database_socket_dir(data: Path) -> Path:
    """The private folder of PostgreSQL's socket, owned by its account: the only way in, so `trust` is safe."""
    return own_folder(postgres_socket_dir(data), mode=PRIVATE, account=database_account(data))


def outside_folder() -> Path:
    """A folder every account can enter and only root can write, outside of closed homes."""
    for folder in OUTSIDE_FOLDERS:
        try:
            return own_folder(folder, mode=OPEN_TO_ENTER)
        except OSError:
            continue
    places = " or ".join(str(folder) for folder in OUTSIDE_FOLDERS)
    message = (
        f"DATA_DIR is in a closed folder and {places} cannot be made; choose another DATA_DIR."
    )
    raise LaunchError(message)


def new_cluster_folder(data: Path, account: Account | None) -> Path:
    """An empty folder for initdb, next to where `adopt_cluster_folder` will put it."""
    if account is None or server_can_enter(data):
        folder = data / "postgres.new"
    else:
        folder = outside_folder() / f"{data_dir_hash(data)}-{secrets.token_hex(4)}.new"
    shutil.rmtree(folder, ignore_errors=True)
    return own_folder(folder, mode=PRIVATE, account=account)


def adopt_cluster_folder(data: Path, folder: Path) -> None:
    """Give a finished cluster its name, at once or not at all: `DATA_DIR/postgres` (or a link of that name)."""
    final = data / "postgres"
    if folder.parent == data:
        folder.rename(final)
        return
    kept = folder.with_suffix("")
    folder.rename(kept)
    if final.is_symlink():
        final.unlink()
    final.symlink_to(kept)


def programs_folder(data: Path) -> Path:
    """Where copies of the wheel's programs go that the server's account can execute."""
    parent = data if server_can_enter(data) else outside_folder()
    return own_folder(parent / "programs", mode=OPEN_TO_ENTER)
