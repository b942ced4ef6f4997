"""How far a long command is: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from typing import Any

WIDTH = 30
BAR_SECONDS = 0.1
LINE_SECONDS = 5.0


class Progress:
    """Shows ``fraction`` (0 to 1) and a note. A terminal gets one line, overwritten in place."""

    def __init__(self, stream: Any, *, label: str) -> None:
        self.stream = stream
        self.label = label
        self.is_terminal = bool(getattr(stream, "isatty", lambda: False)())
        self._shown_at = time.monotonic() - (BAR_SECONDS if self.is_terminal else 0)

    def show(self, fraction: float, note: str = "", *, last: bool = False) -> None:
        """Show where we are, not more often than is of use; ``last`` ends the bar's line."""
        moment = time.monotonic()
        pause = BAR_SECONDS if self.is_terminal else LINE_SECONDS
        if not last and moment - self._shown_at < pause:
            return
        self._shown_at = moment
        percent = f"{min(1.0, fraction):4.0%}"
        if not self.is_terminal:
            self.stream.write(f"{self.label}: {percent.strip()} {note}".rstrip() + "\n")
        else:
            full = round(WIDTH * min(1.0, fraction))
            bar = "█" * full + "·" * (WIDTH - full)
            self.stream.write(f"\r\x1b[K{self.label} {bar} {percent} {note}", ending="")
            if last:
                self.stream.write("\n", ending="")
        flush = getattr(self.stream, "flush", None)
        if flush:
            flush()
