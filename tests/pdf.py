"""What a PDF says and shows, by the library that Chromium shows PDFs with."""

from __future__ import annotations

from typing import NamedTuple

import pypdfium2
import zxingcpp
from PIL import Image


class Read(NamedTuple):
    """Texts and pictures of the pages, in order."""

    pages: list[str]
    pictures: list[Image.Image]
    title: str

    @property
    def text(self) -> str:
        return "\n".join(self.pages)

    @property
    def codes(self) -> list[str]:
        """What the QR codes of all pages say, as a scanner reads them off the paper."""
        return [code.text for page in self.pictures for code in zxingcpp.read_barcodes(page)]


def read_pdf(content: bytes) -> Read:
    """Each page as text and as it looks at 144 points an inch."""
    document = pypdfium2.PdfDocument(content)
    try:
        pages = [page.get_textpage().get_text_bounded() for page in document]
        pictures = [page.render(scale=2).to_pil().convert("L") for page in document]
        return Read(
            [page.replace("\r\n", "\n") for page in pages],
            pictures,
            document.get_metadata_value("Title"),
        )
    finally:
        document.close()
