"""Break text into lines: between Latin words, and between Chinese characters as typesetters do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from unicodedata import east_asian_width

_NEVER_FIRST = set("，。；：！？、）》】”’」』…·%％,.;:!?)]}")
_NEVER_LAST = set("（《【“‘「『¥￥([{")
ELLIPSIS = "…"

Measure = Callable[[str], float]


def wrap(text: str, width: float, measure: Measure, *, most: int = 0) -> list[str]:
    """``text`` in lines no wider than ``width``; past ``most`` lines it ends in an ellipsis."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(text.split())):
        if measure((line + piece).rstrip()) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = piece.lstrip()
        while measure(line) > width and len(line) > 1:
            fit = _fitting(line, width, measure)
            lines.append(line[:fit])
            line = line[fit:]
    if line.strip():
        lines.append(line.rstrip())
    if most and len(lines) > most:
        last = lines[most - 1]
        while last and measure(last + ELLIPSIS) > width:
            last = last[:-1]
        lines = [*lines[: most - 1], last.rstrip() + ELLIPSIS]
    return lines


def _fitting(line: str, width: float, measure: Measure) -> int:
    fit = len(line)
    while fit > 1 and measure(line[:fit]) > width:
        fit -= 1
    return fit


def _pieces(text: str) -> Iterator[str]:
    """What stays together: a word with the space after it, a character with its punctuation."""
    piece = ""
    for char in text:
        if piece and _may_break(piece[-1], char):
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def _may_break(before: str, after: str) -> bool:
    if after == " " or after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    return before == " " or _wide(before) or _wide(after)


def _wide(char: str) -> bool:
    return east_asian_width(char) in "WF"
