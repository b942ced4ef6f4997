"""Read a CSV file, plain or .gz, row by row with line numbers."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.utils.translation import gettext as _


class BadFileError(Exception):
    """The file as a whole cannot be read; nothing was imported. The message is for people."""


class Row(NamedTuple):
    """A record: the line it begins on (the header is line 1) and its cells by column, stripped."""

    line: int
    cells: dict[str, str]


class RowFile:
    """Iterate over the rows of a CSV file; ``fraction`` says how much of it has been read.

    UTF-8 with or without a byte order mark. Raises BadFileError when the file is missing, is not
    what its name says, or lacks one of the ``columns``.
    """

    def __init__(self, path: Path, *, columns: tuple[str, ...]) -> None:
        self.path = path
        self.columns = columns
        self._raw: IO[bytes] | None = None
        try:
            self._size = max(1, path.stat().st_size)
        except OSError as error:
            raise BadFileError(
                _("%(path)s cannot be read: %(reason)s.")
                % {"path": path, "reason": error.strerror or error}
            ) from None

    @property
    def fraction(self) -> float:
        """Between 0 and 1, by the bytes of the file."""
        if self._raw is None or self._raw.closed:
            return 1.0
        return min(1.0, self._raw.tell() / self._size)

    def __iter__(self) -> Iterator[Row]:
        try:
            with self.path.open("rb") as self._raw:
                yield from self._rows(self._raw)
        except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
            raise BadFileError(
                _("%(path)s cannot be read as CSV: %(reason)s. What was imported so far stays.")
                % {"path": self.path, "reason": error}
            ) from None

    def _rows(self, raw: IO[bytes]) -> Iterator[Row]:
        plain: Any = gzip.GzipFile(fileobj=raw) if self.path.suffix == ".gz" else raw
        with io.TextIOWrapper(plain, encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text)
            header = [name.strip() for name in next(reader, [])]
            self._check_header(header)
            line = reader.line_num + 1
            for values in reader:
                if values:
                    cells = dict(zip(header, (value.strip() for value in values), strict=False))
                    yield Row(line, {name: cells.get(name, "") for name in header})
                line = reader.line_num + 1

    def _check_header(self, header: list[str]) -> None:
        missing = [name for name in self.columns if name not in header]
        if missing:
            raise BadFileError(
                _("%(path)s lacks these columns: %(columns)s. Nothing was imported.")
                % {"path": self.path, "columns": ", ".join(missing)}
            )
