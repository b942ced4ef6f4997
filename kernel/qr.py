"""QR codes of any text: their squares, and the SVG that pages show."""

from __future__ import annotations

import qrcode
from qrcode.constants import ERROR_CORRECT_M

_QUIET_MODULES = 4


def modules(text: str) -> list[list[bool]]:
    """The squares of ``text`` as a QR code, row by row, True for dark; quiet zone included."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=_QUIET_MODULES)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return code.get_matrix()


def svg(text: str) -> str:
    """``text`` as an SVG document, dark on white, quiet zone included."""
    matrix = modules(text)
    size = len(matrix)
    path = "".join(
        f"M{x} {y}h{width}v{height}h-{width}z" for x, y, width, height in _rectangles(matrix)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"'
        f' width="{size * 8}" height="{size * 8}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def _rectangles(matrix: list[list[bool]]) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of what is dark: a run that is in the next row too goes on there."""
    found: list[tuple[int, int, int, int]] = []
    begun: dict[tuple[int, int], int] = {}
    for y, row in enumerate([*matrix, []]):
        here = dict.fromkeys(runs(row), y)
        found += [
            (x, top, width, y - top) for (x, width), top in begun.items() if (x, width) not in here
        ]
        begun = here | {run: top for run, top in begun.items() if run in here}
    return found


def runs(row: list[bool]) -> list[tuple[int, int]]:
    """Start and length of each run of dark squares in a row."""
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if not dark:
            continue
        if found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((x, 1))
    return found
