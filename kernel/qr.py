"""QR codes of any text: their squares, the SVG that pages show, and the PDF that sheets of paper take in."""

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


def pdf(text: str) -> str:
    """``text`` as a PDF of one page, for `kernel.paper`; a square is one point wide.

    A sheet takes it in once, however often it shows it; an SVG is written out each time.
    """
    matrix = modules(text)
    size = len(matrix)
    # A PDF counts from its lower edge.
    squares = "".join(
        f"{x} {size - y - height} {width} {height} re\n"
        for x, y, width, height in _rectangles(matrix)
    )
    drawing = f"1 g\n0 0 {size} {size} re\nf\n0 g\n{squares}f"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size} {size}]/Resources<<>>/Contents 4 0 R>>",
        f"<</Length {len(drawing)}>>stream\n{drawing}\nendstream",
    )
    document, offsets = "%PDF-1.4\n", ["0000000000 65535 f \n"]
    for number, content in enumerate(objects, 1):
        offsets.append(f"{len(document):010} 00000 n \n")
        document += f"{number} 0 obj\n{content}\nendobj\n"
    return (
        f"{document}xref\n0 {len(offsets)}\n{''.join(offsets)}"
        f"trailer\n<</Size {len(offsets)}/Root 1 0 R>>\nstartxref\n{len(document)}\n%%EOF\n"
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
