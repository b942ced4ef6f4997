"""Figures on the screen, each beside its target, and what missed it."""

from __future__ import annotations

from collections.abc import Callable


class Judge:
    """Writes one line per figure and remembers those that missed their target."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self.missed: list[str] = []

    def say(self, what: str, figure: str, ratio: str = "", target: str = "") -> None:
        """A line without judgement."""
        self._write(f"{what:<46} {figure:>16} {ratio:>12}  {target}".rstrip())

    def at_most(
        self, what: str, value: float, form: str, most: float, note: str = "", shown: str = ""
    ) -> None:
        """A figure whose target is a maximum; ``shown`` stands in the line in its place, if given."""
        self._judge(
            value <= most, what, shown or form.format(value), note, f"≤ {form.format(most)}"
        )

    def at_least(
        self, what: str, value: float, form: str, least: float, note: str = "", shown: str = ""
    ) -> None:
        """A figure whose target is a minimum."""
        self._judge(
            value >= least, what, shown or form.format(value), note, f"≥ {form.format(least)}"
        )

    def must(self, what: str, good: bool, figure: str) -> None:
        """Something that holds or does not."""
        self._judge(good, what, figure, "", "")

    def _judge(self, good: bool, what: str, figure: str, note: str, target: str) -> None:
        if not good:
            self.missed.append(f"{what}: {figure} {note} ({target})")
            target += "   MISSED"
        self.say(what, figure, note, target)

    def verdict(self) -> str:
        """What missed its target, "" when nothing did."""
        if not self.missed:
            return ""
        return "\n".join([f"{len(self.missed)} figures MISSED their targets:", *self.missed])
