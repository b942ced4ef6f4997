"""An older commit against this one, in one run: `make bench-against COMMIT=70a7ad2`.

Both stand side by side, each with its own interpreter, database and web server, and are measured
in turn, so that whatever else the machine does meets both. A figure is the median of the rounds'
ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from o2o.embedded.paths import PROJECT_ROOT
from tools.bench.judge import Judge

ROUNDS, CALLS = 7, 160
WARM_UP = 2
REDEEM, ORDER, PAGE = 0.95, 0.95, 0.95
"""The least that is left of the old speed. Of pages too: equal code measures within 5 %."""


class Checkout:
    """A folder with the code of one commit, its interpreter and its data."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder, self.data = folder, data
        self.python = folder / ".venv" / "bin" / "python"

    def environment(self) -> dict[str, str]:
        return {**os.environ, "O2O_MODE": "demo", "RATE_LIMITS": "0", "DATA_DIR": str(self.data)}

    def bench(self) -> str:
        """The package of its benchmark: it stood in o2o/ until the rooms were moved."""
        return "tools.bench" if (self.folder / "tools" / "bench").exists() else "o2o.bench"

    def prepare(self) -> None:
        """Install the packages and make the demo city, where they are not there yet."""
        for command in (["make", "install"], [str(self.python), "-m", f"{self.bench()}.city"]):
            subprocess.run(command, cwd=self.folder, env=self.environment(), check=True)

    @contextmanager
    def running(self) -> Iterator[Callable[..., dict[str, Any]]]:
        """Yield a function that has the side measure; the first answer names the pages."""
        with subprocess.Popen(
            [str(self.python), str(PROJECT_ROOT / "tools" / "bench" / "side.py")],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:

            def ask(**what: Any) -> dict[str, Any]:
                assert process.stdin
                assert process.stdout
                if what:
                    process.stdin.write(json.dumps(what) + "\n")
                    process.stdin.flush()
                line = process.stdout.readline()
                if not line:
                    raise RuntimeError(f"The side in {self.folder} ended, see its messages above.")
                return dict(json.loads(line))

            yield ask
            assert process.stdin
            process.stdin.close()


def checkout(commit: str) -> Checkout:
    """The old code, in a work tree below .data that is kept for the next time."""
    name = _git("rev-parse", "--short", f"{commit}^{{commit}}")
    folder = PROJECT_ROOT / ".data" / "against" / name
    if not folder.exists():
        _git("worktree", "add", "--detach", str(folder), name)
    return Checkout(folder, folder / ".data" / "city")


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=PROJECT_ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip()


def compare(judge: Judge, old: Any, new: Any, seconds: float, only: list[str]) -> None:
    """Measure both sides in turn; ``old`` and ``new`` have their side measure."""
    before, now = old()["pages"], new()["pages"]
    for name in [name for name in before if name in now and (not only or name in only)]:
        page = {"do": "page", "name": name}
        _rounds(old, new, 1, "ms", **page, calls=40)
        times = _rounds(old, new, ROUNDS, "ms", **page, calls=CALLS)
        pairs = [(after, before) for before, after in times]
        _judge(judge, f"page, the {name}", pairs, "ms", PAGE)
    for kind, least in (("redeem", REDEEM), ("order", ORDER)):
        if only and kind not in only:
            continue
        flow = {"do": "flow", "kind": kind}
        _rounds(old, new, 1, "rate", **flow, seconds=WARM_UP)
        pairs = _rounds(old, new, ROUNDS, "rate", **flow, seconds=seconds)
        _judge(judge, f"{kind} API, 16 clients", pairs, "/s", least)


def _rounds(old: Any, new: Any, count: int, field: str, **what: Any) -> list[tuple[float, float]]:
    """The figure ``field`` of both sides, measured in turn ``count`` times."""
    return [(float(old(**what)[field]), float(new(**what)[field])) for _round in range(count)]


def _judge(
    judge: Judge, what: str, pairs: list[tuple[float, float]], unit: str, least: float
) -> None:
    """``pairs``: of each round the two numbers whose ratio is new speed over old speed."""
    first, second = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
    before, now = (second, first) if unit == "ms" else (first, second)
    ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
    judge.at_least(what, ratio, "{:.2f} ×", least, f"{before:.1f} → {now:.1f} {unit}")


def main() -> None:
    """Prepare both checkouts and print the figures; an error when one is beyond its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit")
    parser.add_argument("--seconds", type=float, default=4, help="of each round of an API")
    parser.add_argument("--only", nargs="+", default=[], help="pages by name, redeem, order")
    given = parser.parse_args()
    judge = Judge(lambda line: print(line, flush=True))  # noqa: T201
    sides = [
        checkout(given.commit),
        Checkout(PROJECT_ROOT, PROJECT_ROOT / ".data" / "against" / "now"),
    ]
    for side in sides:
        side.prepare()
    with ExitStack() as stack:
        old, new = (stack.enter_context(side.running()) for side in sides)
        compare(judge, old, new, given.seconds, given.only)
    if judge.missed:
        sys.exit(judge.verdict())


if __name__ == "__main__":
    main()
