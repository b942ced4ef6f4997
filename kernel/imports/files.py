"""Read a CSV file, plain or .gz, row by row with line numbers; every line is accounted for."""

from __future__ import annotations

import csv
import io
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from django.utils.translation import gettext as _

from kernel.imports.cells import clean_cell, cut_reason, fault_of_cells, fault_of_number, may_be_cut
from kernel.imports.decoding import (
    BadFileError,
    Writing,
    find_delimiter,
    find_encoding,
    open_text,
    why,
)

_FAULTS = (OSError, EOFError, zlib.error, UnicodeError, csv.Error)
MOST_BYTES, MOST_LINES = 50_000_000, 500_000
"""What is taken of a file unpacked, where its reader says nothing else."""


class Row(NamedTuple):
    """A record: the line it begins on (the header is line 1) and its cells by column, made plain.

    ``fault`` says why the row cannot be taken, whatever it is for; "" when it can.
    """

    line: int
    cells: dict[str, str]
    fault: str = ""


class RowFile:
    """Iterate over the rows of a CSV file; ``fraction`` says how much of it has been read.

    A file is read through before its first row is handed out, so that nothing is imported from
    one that is damaged, cut off or holds a quotation mark that is never closed: a row inside a
    quotation would be lost without a word. Lines without any text are no rows.

    ``numbers``: columns that name a thing by a number, where a rounded one is a fault.
    ``unique``: of these, the one that no two rows share.

    ``most_bytes``, ``most_lines``: what is taken unpacked; empty lines count.

    Raises BadFileError when the file is missing, too large, is not what its name says, lacks one of the
    ``columns`` or names a column twice.
    """

    def __init__(
        self,
        path: Path,
        *,
        columns: tuple[str, ...],
        numbers: tuple[str, ...] = (),
        unique: str = "",
        most_bytes: int = MOST_BYTES,
        most_lines: int = MOST_LINES,
    ) -> None:
        self.path, self.most_bytes, self.most_lines = path, most_bytes, most_lines
        self.columns, self.numbers, self.unique = columns, numbers, unique
        self.writing = Writing("utf-8-sig", ",")
        self._raw: IO[bytes] | None = None
        self._checked = False
        self._cut: Counter[str] = Counter()
        try:
            self._size = max(1, path.stat().st_size)
        except OSError as error:
            raise self._bad(error.strerror or str(error)) from None

    @property
    def fraction(self) -> float:
        """Between 0 and 1, by the bytes of the file."""
        if self._raw is None or self._raw.closed:
            return 1.0
        return min(1.0, self._raw.tell() / self._size)

    def __iter__(self) -> Iterator[Row]:
        try:
            with self.path.open("rb") as self._raw:
                yield from self._whole(self._raw)
        except BadFileError as error:
            raise self._bad(str(error)) from None
        except _FAULTS as error:
            raise self._bad(why(error)) from None

    def _bad(self, reason: str) -> BadFileError:
        facts = {"path": self.path, "reason": reason}
        if self._checked:
            return BadFileError(
                _("%(path)s cannot be read: %(reason)s. What was imported so far is kept.") % facts
            )
        return BadFileError(_("%(path)s cannot be read: %(reason)s. Nothing was imported.") % facts)

    def _whole(self, raw: IO[bytes]) -> Iterator[Row]:
        encoding = find_encoding(raw, most_bytes=self.most_bytes, most_lines=self.most_lines)
        self.writing = find_delimiter(raw, encoding, self.columns)
        with open_text(raw, self.writing) as text:
            header, records = self._opened(text)
            place = header.index(self.unique) if self.unique else len(header)
            numbers = (values[place].strip() for _line, values in records if place < len(values))
            self._cut = Counter(filter(may_be_cut, numbers))
        self._checked = True
        with open_text(raw, self.writing) as text:
            header, records = self._opened(text)
            for line, values in records:
                yield self._row(line, header, values)

    def _opened(self, text: io.TextIOWrapper) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
        """The names of the columns, and the records behind them."""
        records = self._records(text)
        _line, names = next(records, (1, []))
        header = [clean_cell(name) for name in names]
        self._check_header(header)
        return header, records

    def _records(self, text: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
        """The records that hold any text, each with the line it begins on."""
        reader = csv.reader(text, delimiter=self.writing.delimiter, strict=True)
        line, width = self.writing.skip + 1, 0
        while True:
            try:
                values = next(reader, None)
            except csv.Error as error:
                raise BadFileError(self._quotation(line, str(error))) from None
            if values is None:
                return
            following = self.writing.skip + reader.line_num + 1
            if any(value.strip() for value in values):
                if width and following - line > 1 and self._swallows(values, width):
                    raise BadFileError(
                        self._quotation(line, _("it swallows the lines that follow"))
                    )
                width = width or len(values)
                yield line, values
            line = following

    def _swallows(self, values: list[str], width: int) -> bool:
        """Whether a cell of several lines is the end of one row and the beginning of another."""
        if len(values) != width:
            return True
        mark = self.writing.delimiter
        return width > 1 and any(
            len(lines := value.splitlines()) > 1
            and lines[0].count(mark) == width - 1 - place
            and lines[-1].count(mark) == place
            for place, value in enumerate(values)
        )

    @staticmethod
    def _quotation(line: int, reason: str) -> str:
        return _(
            'the row on line %(line)s has a quotation mark (") that is not closed where its cell '
            "ends (%(reason)s)"
        ) % {"line": line, "reason": reason}

    def _row(self, line: int, header: list[str], values: list[str]) -> Row:
        padded = values + [""] * (len(header) - len(values))
        raw = dict(zip(header, padded, strict=False))
        cells = {name: clean_cell(value) for name, value in raw.items()}
        if any(value.strip() for value in values[len(header) :]):
            fault = _(
                "It has %(cells)s cells for %(columns)s columns: put quotation marks around a "
                "cell that contains “%(mark)s”."
            ) % {
                "cells": len(values),
                "columns": len(header),
                "mark": self.writing.delimiter,
            }
        else:
            fault = fault_of_cells(raw) or self._fault_of_numbers(cells)
        return Row(line, cells, fault)

    def _fault_of_numbers(self, cells: dict[str, str]) -> str:
        for name in self.numbers:
            if fault := fault_of_number(name, cells[name]):
                return fault
        number = cells.get(self.unique, "")
        return cut_reason(self.unique, number) if self._cut[number] > 1 else ""

    def _check_header(self, header: list[str]) -> None:
        folded = [unicodedata.normalize("NFKC", name).casefold() for name in header if name]
        twice = sorted({name for name in folded if folded.count(name) > 1})
        if twice:
            raise BadFileError(
                _("its first line names these columns twice: %(columns)s")
                % {"columns": ", ".join(twice)}
            )
        missing = [name for name in self.columns if name not in header]
        if missing:
            found = ", ".join(name for name in header if name) or "–"
            raise BadFileError(
                _("it lacks these columns: %(columns)s (it has: %(found)s)")
                % {"columns": ", ".join(missing), "found": found[:300]}
            )
