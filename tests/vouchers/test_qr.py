"""The signed QR: what we draw is what a camera reads, and nothing else is accepted."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.vouchers.counter import decode
from vouchers import qr
from vouchers.models import Voucher

ALPHANUMERIC = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def voucher(pk: int = 123_456_789, version: int = 1) -> Voucher:
    return Voucher(pk=pk, qr_version=version)


def drawn(svg: str) -> bytes:
    """The SVG's modules painted as a picture, the way a browser fills its path."""
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    image = Image.new("L", (size, size), 255)
    path = re.findall(r'fill="#000" d="([^"]+)"', svg)[0]
    for found in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", path):
        x, y, width, height = map(int, found)
        image.paste(0, (x, y, x + width, y + height))
    out = io.BytesIO()
    image.resize((size * 6, size * 6), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def test_the_png_is_read_back_by_zxing() -> None:
    assert decode(qr.png(voucher())) == qr.payload(voucher())


def test_the_svg_is_read_back_by_zxing() -> None:
    assert decode(drawn(qr.svg(voucher()))) == qr.payload(voucher())


def test_the_text_fits_the_compact_mode_of_qr_codes() -> None:
    text = qr.payload(voucher())
    assert set(text) <= ALPHANUMERIC
    assert text.startswith("O2O1.21I3V9.1.")
    assert len(text.rpartition(".")[2]) == 26  # 128 bits in base 32


@given(pk=st.integers(1, 2**63 - 1), version=st.integers(1, 32_767))
def test_what_is_written_is_read(pk: int, version: int) -> None:
    assert qr.read(qr.payload(voucher(pk, version))) == (pk, version)


@given(position=st.integers(0, 40), char=st.sampled_from(sorted(ALPHANUMERIC)))
def test_one_changed_character_is_noticed(position: int, char: str) -> None:
    text = qr.payload(voucher())
    position %= len(text)
    changed = text[:position] + char + text[position + 1 :]
    assert changed == text or qr.read(changed) is None


@given(st.text(max_size=80))
def test_any_text_may_be_scanned(text: str) -> None:
    assert qr.read(text) is None


def test_another_secret_signs_otherwise(settings: object) -> None:
    text = qr.payload(voucher())
    settings.QR_SECRET = "another secret of at least 32 characters"  # type: ignore[attr-defined]
    assert qr.read(text) is None


@pytest.mark.parametrize("pk", [1, 35, 36, 46_655, 46_656])
def test_ids_are_written_in_base_36(pk: int) -> None:
    assert int(qr.payload(voucher(pk)).split(".")[1], 36) == pk


def test_an_id_beyond_the_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    huge = qr.payload(voucher(2**63))
    assert qr.read(huge) is None
