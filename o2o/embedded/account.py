"""The account the database runs as.

PostgreSQL refuses to run as root, so a launcher started by root runs it as `nobody`. That account
must be able to enter the folders it works in; a closed home such as /root is never opened for it.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED_NAMES = ("nobody", "postgres", "daemon")


@dataclass(frozen=True)
class Account:
    """A user id and its group, as the arguments of subprocess and chown want them."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """The unprivileged account to switch to, or None when we are an ordinary user already."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED_NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid)
    return Account(65534, 65534)


def _may_enter(folder: Path, account: Account) -> bool:
    info = folder.stat()
    if info.st_uid == account.uid:
        return bool(info.st_mode & stat.S_IXUSR)
    if info.st_gid == account.gid:
        return bool(info.st_mode & stat.S_IXGRP)
    return bool(info.st_mode & stat.S_IXOTH)


def server_can_enter(folder: Path) -> bool:
    """True when the server's account may walk down to `folder`; folders still to be made count as open."""
    account = server_account()
    if account is None:
        return True
    for part in (folder, *folder.parents):
        try:
            if not _may_enter(part, account):
                return False
        except FileNotFoundError:
            continue
        except OSError:
            return False
    return True
