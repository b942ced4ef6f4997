"""The demo city that pages are measured and drawn in: `python -m tools.bench.city` readies its DATA_DIR.

It is kept between runs, for its seeding takes more than a minute, and rebuilt when the demo's
content or the tables changed, and every day: its limited-time offers end. A DATA_DIR that holds
another database, such as that of `make demo`, is used as it is.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

from o2o.embedded import data_dir
from o2o.embedded.paths import HALF_BUILT, PROJECT_ROOT
from o2o.embedded.reset import reset
from o2o.embedded.stamp import Stamp

STEPS = (
    ("migrate", "--noinput", "--verbosity=0"),
    ("collectstatic", "--noinput", "--verbosity=0"),
    ("seed_demo", "--if-empty"),
)


def ready() -> Path:
    """Make the city stand in DATA_DIR; returns the folder."""
    data = data_dir()
    sources = [PROJECT_ROOT / "demo", *PROJECT_ROOT.glob("*/migrations")]
    stamp = Stamp.of(data / "city.stamp", sources, [dt.date.today().isoformat()])  # noqa: DTZ011
    if not stamp.path.exists() and (data / "postgres").exists():
        return data  # somebody's own demo: theirs to keep and to make ready
    if not stamp.is_current() or (data / HALF_BUILT).exists():
        reset()
        data.mkdir(parents=True, exist_ok=True)
        stamp.path.write_text("being made")
    environment = {**os.environ, "O2O_MODE": "demo", "DATA_DIR": str(data)}
    for step in STEPS:
        subprocess.run(
            [sys.executable, "manage.py", *step], check=True, cwd=PROJECT_ROOT, env=environment
        )
    stamp.write()
    return data


if __name__ == "__main__":
    try:
        ready()
    except subprocess.CalledProcessError as error:
        sys.exit(f"The demo city could not be made ready: {' '.join(error.cmd[1:])} failed.")
