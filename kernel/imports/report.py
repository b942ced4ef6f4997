"""What an import did: counts, and a side file of refused rows with their reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from django.utils.translation import gettext as _

from kernel.imports.sheets import SheetWriter

HEADER = ("line", "key", "reason")


class RefusedRowError(Exception):
    """This row cannot be imported as it is. The message says why, for people."""


class Refused(NamedTuple):
    """A row that was refused: where it stands, what it is called, why."""

    line: int
    key: str
    reason: str


@dataclass
class Outcome:
    """What became of a batch."""

    made: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)


class Report:
    """Adds outcomes up and writes refused rows to ``path`` as they come.

    The side file is made by the first refused row. One of an earlier run is emptied, so that
    it always belongs to the last run. Use as a context manager.

    Every row that was read is in one count: ``read`` is ``made`` + ``changed`` + ``unchanged`` +
    ``refused`` + ``further``, where ``further`` rows say more about a thing that another row of
    the same file has named first.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read = self.made = self.changed = self.unchanged = self.refused = self.further = 0
        self._sheet: SheetWriter | None = None

    def __enter__(self) -> Self:
        if self.path.exists():
            self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._sheet is not None:
            self._sheet.close()

    def add(self, outcome: Outcome) -> None:
        """Count a batch and write down what it refused."""
        self.made += outcome.made
        self.changed += outcome.changed
        self.unchanged += outcome.unchanged
        self.refuse(outcome.refused)

    def refuse(self, rows: Iterable[Refused]) -> None:
        """Write refused rows down."""
        for row in rows:
            self.refused += 1
            (self._sheet or self._open()).write(row)

    def lines(self) -> list[str]:
        """The report in words, one fact a line."""
        facts = [
            _("Rows read: %(count)s") % {"count": f"{self.read:,}"},
            _("Made: %(count)s") % {"count": f"{self.made:,}"},
            _("Changed: %(count)s") % {"count": f"{self.changed:,}"},
            _("Unchanged: %(count)s") % {"count": f"{self.unchanged:,}"},
            _("Refused: %(count)s") % {"count": f"{self.refused:,}"},
        ]
        if self.further:
            facts.append(
                _("More rows about the same items: %(count)s") % {"count": f"{self.further:,}"}
            )
        if self.refused:
            facts.append(_("Each refused row, with its reason: %(path)s") % {"path": self.path})
        return facts

    def _open(self) -> SheetWriter:
        self._sheet = SheetWriter(self.path)
        self._sheet.write(HEADER)
        return self._sheet
