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
        f"M{start} {y}h{length}v1h-{length}z"
        for y, row in enumerate(matrix)
        for start, length in runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"'
        f' width="{size * 8}" height="{size * 8}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


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
