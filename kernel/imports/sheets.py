"""CSV files that people open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

_ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet would work out as a formula (OWASP, CSV injection)."""


def plain_cell(value: Any) -> Any:
    """Return what a spreadsheet shows as ``value`` and never works out; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" \xa0\u3000").startswith(_ACTIVE):
        return f"'{value}"
    return value


class SheetWriter:
    """Writes rows to ``path``: UTF-8 with the mark that makes Excel read it so, cells plain."""

    def __init__(self, path: Path) -> None:
        self._file: IO[str] = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)

    def write(self, row: Iterable[Any]) -> None:
        """Write one row."""
        self._writer.writerow([plain_cell(value) for value in row])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
