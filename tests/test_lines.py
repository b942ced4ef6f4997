"""Lines, and files, that a person can read; ruff holds the lines of Python (pyproject.toml)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
TEMPLATES = TOP / "templates"
MOST = 120
ROOMS = (
    *("kernel", "stores", "members", "messages", "catalog", "payments", "vouchers"),
    *("campaigns", "orders", "reviews", "insights", "console", "o2o", "demo", "tools"),
)
MOST_LINES, MOST_LINES_OF_MODELS = 500, 300


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _modules() -> Iterator[Path]:
    for room in ROOMS:
        yield from (path for path in (TOP / room).rglob("*.py") if "migrations" not in path.parts)


def test_no_line_of_a_template_is_longer_than_a_screen_is_wide() -> None:
    files = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    assert len(files) > 100
    long = [
        f"{path.relative_to(TEMPLATES)}:{number}"
        for path in files
        for number, line in enumerate(_lines(path), start=1)
        if len(line) > MOST
    ]
    assert long == []


WRITTEN = {".css", ".js", ".sh", ".yml", ".yaml", ".toml", ".py", ".html", ".txt", ".cfg", ".ini"}
WRITTEN_NAMES = {"Makefile", "Dockerfile", "run", ".gitignore", ".dockerignore"}
"""What people write and read; prose (.md) is filled as its editor likes, catalogues and locks are made."""


def test_no_line_of_the_repository_is_longer_than_a_screen_is_wide() -> None:
    """Migrations too, where people wrote them: those that a command wrote are named "initial"."""
    kept = subprocess.run(
        ["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    files = [
        path
        for name in kept
        if (path := TOP / name).is_file()
        and (path.suffix in WRITTEN or path.name in WRITTEN_NAMES)
        and "migrations" not in path.parts
    ]
    if not files:
        pytest.skip("no git checkout: which files are ours is not known")
    assert len(files) > 1000
    long = [
        f"{path.relative_to(TOP)}:{number}"
        for path in files
        for number, line in enumerate(_lines(path), start=1)
        if len(line) > MOST
    ]
    assert long == []


def test_no_module_is_longer_than_a_person_reads_at_once() -> None:
    modules = list(_modules())
    assert len(modules) > 300
    long = {}
    for path in modules:
        of_models = path.name == "models.py" or path.parent.name == "models"
        lines = len(_lines(path))
        if lines > (MOST_LINES_OF_MODELS if of_models else MOST_LINES):
            long[str(path.relative_to(TOP))] = lines
    assert long == {}
