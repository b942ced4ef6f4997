"""Sheets, one after the other, no two alike: milliseconds a page behind the first, and whose memory it takes."""

from __future__ import annotations

import datetime as dt
import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
from django.conf import settings
from PIL import Image

from kernel import qr
from kernel.media.pictures import card_jpeg
from kernel.paper import sheets
from kernel.paper.press import Press
from kernel.paper.sheets import draw, picture_svg
from payments.paper.statement import shapes_of
from stores.codes.paper.sheet import LOGO_PIXELS, PICTURE_PIXELS, Form
from tools.bench.judge import Judge
from tools.bench.servers import resident_mib
from vouchers.explain import TermLine
from vouchers.paper.drawn import draw_picture, draw_sheet
from vouchers.paper.keepsake import Keepsake, Place

ROUNDS = 25
A_PAGE_MS, A_PICTURE_MS, FIRST_MS = 5.0, 150.0, 2_000.0
WEB_GROWS_MIB, PROCESS_MIB = 4.0, 384.0
LINES = 400
"""Of a statement: some twelve pages."""
SAID = "Valid on weekdays from 11:00 to 14:00, for two people, tea and a small dish included · 工作日午市可用"


class _Clock(Press):
    """Keeps how long each sheet took: from asking until the file is there."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[float] = []

    def draw(self, request: bytes) -> bytes:
        """As Press.draw."""
        begin = time.perf_counter()
        file = super().draw(request)
        self.taken.append((time.perf_counter() - begin) * 1000)
        return file


def measure(judge: Judge) -> None:
    """Each kind of sheet ROUNDS times; medians are judged."""
    press, clock = sheets.press, _Clock()
    sheets.press = clock
    try:
        _measure(judge, clock)
    finally:
        sheets.press = press
        clock.stop()


def _measure(judge: Judge, clock: _Clock) -> None:
    before = _own_mib()
    draw_sheet(_voucher(0))
    judge.at_most("first sheet, process started", clock.taken[0], "{:.0f} ms", FIRST_MS)
    judge.at_most("the asking process grows by", _own_mib() - before, "{:.1f} MiB", WEB_GROWS_MIB)
    loaded = "typst" in Path("/proc/self/maps").read_text("ascii")
    judge.must("the asking process has typst", not loaded, "YES" if loaded else "no")
    kinds: dict[str, Callable[[int], bytes]] = {
        "voucher": lambda number: draw_sheet(_voucher(number)),
        "statement": _statement,
        **{form.value: _code_drawer(form) for form in Form},
    }
    for name, kind in kinds.items():
        pages = _pages(kind(0))
        clock.taken.clear()
        whole = [_milliseconds(kind, number) / pages for number in range(1, ROUNDS + 1)]
        drawn = statistics.median(clock.taken) / pages
        note = f"{statistics.median(whole):.1f} ms all"
        judge.at_most(f"{name}, a page of {pages}", drawn, "{:.1f} ms", A_PAGE_MS, note)
    clock.taken.clear()
    for number in range(1, ROUNDS + 1):
        draw_picture(_voucher(number))
    drawn = statistics.median(clock.taken)
    judge.at_most("voucher as a picture", drawn, "{:.0f} ms", A_PICTURE_MS)
    photo, size = _photograph(), PICTURE_PIXELS[Form.POSTER]
    cut = [_milliseconds(card_jpeg, photo, size) for _round in range(ROUNDS)]
    judge.say("a poster's picture, cut by Pillow", f"{statistics.median(cut):.0f} ms")
    codes = [_milliseconds(qr.pdf, f"https://linli.example.com/q/A{n:06}") for n in range(ROUNDS)]
    judge.say("a QR code, by qrcode", f"{statistics.median(codes):.1f} ms")
    memory = resident_mib(clock.pid or 0)
    judge.at_most("drawing process, resident memory", memory, "{:.0f} MiB", PROCESS_MIB)


def _milliseconds(work: Callable[..., Any], *args: Any) -> float:
    begin = time.perf_counter()
    work(*args)
    return (time.perf_counter() - begin) * 1000


def _own_mib() -> float:
    """Of this process without its children."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / 1024 / 1024


def _pages(content: bytes) -> int:
    document = pypdfium2.PdfDocument(content)
    try:
        return len(document)
    finally:
        document.close()


def _voucher(number: int) -> Keepsake:
    """A voucher as guests have them: eight rules, three stores."""
    code = f"{4_000_000_000_00 + number}"
    return Keepsake(
        voucher_id=number,
        site="Linli",
        url=f"{settings.BASE_URL}/vouchers/{number}/",
        language="en",
        title=f"Hand-pulled noodles for two, number {number} · 双人拉面",
        merchant="Lao Wang's Kitchen",
        code=code,
        qr=f"{settings.BASE_URL}/v/{code}",
        last_day=dt.date(2030, 1, 1),
        valid="Valid until 1 January 2030",
        uses="",
        order=f"Order {number}",
        price="¥88",
        lines=[TermLine("note", f"{SAID} {number}.{row}") for row in range(8)],
        places=[
            Place(f"Store {number}-{row}", f"{row} Zhongshan Road, Nanjing", "025 555")
            for row in range(3)
        ],
        more_places="",
        drawn="Saved today.",
        keep_private="Anyone with this code can use the voucher. Keep it to yourself.",
    )


def _statement(number: int) -> bytes:
    lines = [
        [
            "2026-05-01 12:00",
            "redeemed · 核销",
            f"Noodles for two {number}-{row}",
            f"{row}.{number:02}",
        ]
        for row in range(LINES)
    ]
    data = {
        "site": "Linli",
        "title": f"Settlement statement S{number}",
        "merchant": "Lao Wang's Kitchen",
        "facts": [["day", "2026-05-01"], ["state", "paid out"]],
        "sums": [["redeemed", f"{number},000.00"], ["commission", "−6.00"]],
        "net": ["to be paid out", f"{number}.00"],
        "payouts": [[f"P{number}", "2026-05-02 10:00", "BOC-77", "sent", "1.00"]],
        "lines": lines,
        "shapes": shapes_of(lines),
        "more": "",
        "drawn": "Drawn today.",
        "labels": dict.fromkeys(
            ("entries", "when", "what", "about", "amount", "payouts", "page"), "label"
        ),
    }
    return draw("payments/statement", data, "pdf", language="en")


def _code_drawer(form: Form) -> Callable[[int], bytes]:
    """The sheet of a code with its pictures, cut beforehand: no page of typst's is to do with that."""
    photo = _photograph()
    sizes = {"logo": LOGO_PIXELS} | (
        {"picture": PICTURE_PIXELS[form]} if form in PICTURE_PIXELS else {}
    )
    pictures = {name: picture_svg(card_jpeg(photo, size), *size) for name, size in sizes.items()}

    def drawn(number: int) -> bytes:
        path = f"/q/A{number:06}"
        data = {
            "site": "Linli",
            "name": f"Hand-pulled noodles for two, number {number}",
            "whose": "Lao Wang's Kitchen · Xinjiekou store",
            "address": ["linli.example.com", path],
            "has": list(pictures),
            "labels": {
                "call": "Scan to see this deal",
                "how": SAID,
                "qr": "QR code",
                "fold": "Fold here",
            },
        }
        drawings = {**pictures, "qr": qr.pdf(f"https://linli.example.com{path}")}
        return draw(f"stores/codes/{form.value}", data, "pdf", language="en", drawings=drawings)

    return drawn


def _photograph() -> bytes:
    """As large and as hard to pack as pictures of uploads are."""
    image = Image.effect_noise((400, 300), 60).resize((1600, 1200)).convert("RGB")
    out = io.BytesIO()
    image.save(out, "WEBP", quality=82)
    return out.getvalue()
