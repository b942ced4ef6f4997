"""docs/map.md leads somewhere: each file and function that its walks name is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
TOKEN = re.compile(r"`([^`]+)`")
NAME = re.compile(r"[A-Za-z_]\w*")


def _walks() -> str:
    return (TOP / "docs/map.md").read_text().split("## Three walks", 1)[1]


def _steps(text: str) -> Iterator[tuple[str, str | None]]:
    """(file, function or None) of each row of a table, in its second column."""
    for row in text.splitlines():
        if not row.startswith("|") or row.startswith(("|---", "| step")):
            continue
        file = ""
        for token in TOKEN.findall(row.split("|")[2]):
            if token.endswith(".py"):
                file = token
                yield file, None
            elif NAME.fullmatch(token):
                yield file, token


STEPS = sorted(set(_steps(_walks())), key=str)


def _defined(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


@pytest.mark.parametrize(("file", "name"), STEPS, ids=lambda part: str(part or "-"))
def test_the_map_names_what_is_there(file: str, name: str | None) -> None:
    assert (TOP / file).is_file()
    assert name is None or name in _defined(TOP / file)


def test_the_three_walks_are_told() -> None:
    assert re.findall(r"^### (.+)$", _walks(), re.M) == [
        "A purchase",
        "A redemption",
        "A CSV import",
    ]
    assert len(STEPS) > 50
