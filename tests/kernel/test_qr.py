"""What is drawn is what a camera reads, on pages and on paper."""

from __future__ import annotations

import pypdfium2
import pytest
import zxingcpp

from kernel import qr


@pytest.mark.parametrize("text", ["https://example.com/q/A000001", "O2O1.21I3V9.1.ABC", "券" * 60])
def test_the_pdf_is_read_back_by_zxing(text: str) -> None:
    document = pypdfium2.PdfDocument(qr.pdf(text).encode("ascii"))
    (page,) = document
    side = len(qr.modules(text))
    assert page.get_size() == (side, side)
    (found,) = zxingcpp.read_barcodes(page.render(scale=6).to_pil())
    assert found.text == text


def test_the_pdf_has_exactly_the_squares() -> None:
    text = "https://example.com/q/A000001"
    document = pypdfium2.PdfDocument(qr.pdf(text).encode("ascii"))
    picture = document[0].render(scale=1).to_pil().convert("L")
    side = len(qr.modules(text))
    drawn = [[picture.getpixel((x, y)) == 0 for x in range(side)] for y in range(side)]
    assert drawn == qr.modules(text)
