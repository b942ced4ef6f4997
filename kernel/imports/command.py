"""The shape of every import command: read, import batch by batch, report.

A batch is one transaction and rows are known by their own key, so a command can be stopped
at any moment and run again: what is there already is counted as unchanged. A batch that fails
is taken again row by row, so that one bad row costs nobody but itself.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _

from kernel.errors import Refusal
from kernel.imports.decoding import BadFileError, Writing
from kernel.imports.files import Row, RowFile
from kernel.imports.progress import Progress
from kernel.imports.report import Outcome, Refused, Report
from kernel.watch.services import report_incident

Unit = TypeVar("Unit")


def batches(units: Iterable[Unit], size: int) -> Iterator[list[Unit]]:
    """Cut an iterable into lists of ``size``."""
    batch: list[Unit] = []
    for unit in units:
        batch.append(unit)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


MOST_BYTES, MOST_LINES = 4_000_000_000, 20_000_000
"""What an operator's file may hold unpacked; it is read as a stream."""


class ImportCommand(BaseCommand):
    """Subclasses name their ``columns`` and ``label`` and say how a batch is imported.

    ``numbers`` and ``unique`` as `RowFile` has them; a refused row is called by its ``key``.
    """

    columns: ClassVar[tuple[str, ...]] = ()
    numbers: ClassVar[tuple[str, ...]] = ()
    unique: ClassVar[str] = ""
    key: ClassVar[tuple[str, ...]] = ()
    label: ClassVar[str] = ""
    batch_size: ClassVar[int] = 500
    report: Report

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="A CSV file, plain or .gz.")
        parser.add_argument(
            "--refused",
            type=Path,
            help="Where to write refused rows (default: FILE.COMMAND.refused.csv in this folder).",
        )

    def prepare(self, options: dict[str, Any]) -> None:
        """Look up what the options name; raise CommandError when it is not there."""

    def units(self, rows: Iterator[Row]) -> Iterable[Any]:
        """What is imported: rows as they are, or something gathered from them."""
        return rows

    def import_batch(self, units: list[Any]) -> Outcome:
        """Import a batch in one transaction."""
        raise NotImplementedError

    def rows_of(self, unit: Any) -> list[Row]:
        """The rows that are refused when ``unit`` is."""
        return [unit]

    def file(self, path: Path) -> RowFile:
        """The rows of a file. Raises CommandError when there is none."""
        try:
            return RowFile(
                path,
                columns=self.columns,
                numbers=self.numbers,
                unique=self.unique,
                most_bytes=MOST_BYTES,
                most_lines=MOST_LINES,
            )
        except BadFileError as error:
            raise CommandError(str(error)) from None

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        rows = self.file(path)
        self.prepare(options)
        stem = path.name.removesuffix(".gz").removesuffix(".csv")
        refused = options["refused"] or Path(f"{stem}.{self.label}.refused.csv")
        progress = Progress(self.stdout, label=self.label)
        try:
            with Report(refused) as report:
                self._run(rows, report, progress)
        except BadFileError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None
        if rows.writing != Writing("utf-8-sig", ","):
            self.stdout.write(_("The file was read as %(writing)s.") % {"writing": rows.writing})
        for line in report.lines():
            self.stdout.write(line)

    def _run(self, rows: RowFile, report: Report, progress: Progress) -> None:
        self.report = report

        def counted() -> Iterator[Row]:
            for row in rows:
                report.read += 1
                progress.show(rows.fraction, f"{report.read:,}")
                if row.fault:
                    report.refuse([self._refused(row, row.fault)])
                else:
                    yield row

        try:
            for batch in batches(self.units(counted()), self.batch_size):
                self._import(batch)
                progress.show(rows.fraction, f"{report.read:,}")
        except KeyboardInterrupt:
            for line in report.lines():
                self.stdout.write(line)
            raise CommandError(
                _("Stopped. What was imported stays; run the same command again to go on."),
                returncode=130,
            ) from None
        progress.show(1.0, f"{report.read:,}", last=True)

    def _import(self, units: list[Any]) -> None:
        try:
            outcome = self.import_batch(units)
        except Exception as error:
            # Anything may be wrong with a row; only a database that cannot be reached ends the file.
            away = isinstance(error, OperationalError | InterfaceError)
            if away and not connection.is_usable():
                raise
            if len(units) == 1:
                self._give_up(units[0], error)
            else:
                for unit in units:
                    self._import([unit])
        else:
            self.report.add(outcome)

    def _give_up(self, unit: Any, error: Exception) -> None:
        if isinstance(error, Refusal):
            reason = str(error)
        else:
            report_incident(kind=f"import.{self.label}", subject=str(unit)[:100], error=error)
            said = str(error).partition("\n")[0] or type(error).__name__
            reason = _("It could not be written: %(error)s.") % {"error": said}
        self.report.refuse([self._refused(row, reason) for row in self.rows_of(unit)])

    def _refused(self, row: Row, reason: str) -> Refused:
        name = " ".join(row.cells[column] for column in self.key).replace("\x00", "")
        return Refused(row.line, name, reason)
