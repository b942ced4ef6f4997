"""The shape of every import command: read, import batch by batch, report.

A batch is one transaction and rows are known by their own key, so a command can be stopped
at any moment and run again: what is there already is counted as unchanged.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from o2o.imports.files import BadFileError, Row, RowFile
from o2o.imports.progress import Progress
from o2o.imports.report import Outcome, Report

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


class ImportCommand(BaseCommand):
    """Subclasses name their ``columns`` and ``label`` and say how a batch is imported."""

    columns: ClassVar[tuple[str, ...]] = ()
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

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            rows = RowFile(path, columns=self.columns)
        except BadFileError as error:
            raise CommandError(str(error)) from None
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
        for line in report.lines():
            self.stdout.write(line)

    def _run(self, rows: RowFile, report: Report, progress: Progress) -> None:
        self.report = report

        def counted() -> Iterator[Row]:
            for row in rows:
                report.read += 1
                progress.show(rows.fraction, f"{report.read:,}")
                yield row

        try:
            for batch in batches(self.units(counted()), self.batch_size):
                report.add(self.import_batch(batch))
                progress.show(rows.fraction, f"{report.read:,}")
        except KeyboardInterrupt:
            for line in report.lines():
                self.stdout.write(line)
            raise CommandError(
                _("Stopped. What was imported stays; run the same command again to go on."),
                returncode=130,
            ) from None
        progress.show(1.0, f"{report.read:,}", last=True)
