"""The common part of the typeface: sheets look the same with and without it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from noto_cjk import otc_path

from kernel.paper import press as press_module
from kernel.paper.child import COMMON_FAMILY, FAMILY, Face
from kernel.paper.press import Press
from kernel.paper.sheets import STYLE
from kernel.paper.typeface import common_characters, make_common

HAN = range(0x4E00, 0xA000)
FEW = {code for code in common_characters() if code not in HAN} | {ord("券"), ord("面")}
"""All but Chinese characters, of which it takes seconds to cut out thousands."""
MIXED = "AVATAR To Wafer fi · 券面 – “拉麵” 龘𠮷 Café 🍜 ¥25 年，「馆」。"
"""Kerned pairs; characters that the common part has, and some that it has not between them."""
SHEET = """#import "style.typ": *
#let data = json("data.json")
#show: dressed
#set page(width: 300pt, height: auto)
#bold(data.text) #soft(data.text) #text(size: 20pt, data.text)#missing-note
#block(width: 60pt, clamp(data.text, 3, 5)) #data.measured
#context [#measure(data.text).width #measure(data.text).height]
"""


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small part, which is made in less than a second."""
    path = tmp_path_factory.mktemp("made") / "common" / "typeface.otf"
    assert make_common(path, FEW)
    return path


@pytest.fixture
def press(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Press]:
    """One whose process lies in a folder of its own, without a common part."""
    child = tmp_path / "child.py"
    child.write_text(press_module.CHILD.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(press_module, "CHILD", child)
    made = Press(draw_seconds=120)
    yield made
    made.stop()


def request(source: str = SHEET, text: str = MIXED) -> bytes:
    colours = dict.fromkeys(("ink", "ink-2", "brand"), "#201c18")
    look = {"colours": colours, "language": "zh", "script": "hans", "missing_note": "not there"}
    body: dict[str, Any] = {
        "source": source,
        "style": STYLE.read_text("utf-8"),
        "format": "pdf",
        "look": look,
    }
    body |= {"pixels_per_inch": 144, "data": {"text": text, "measured": ""}, "drawings": {}}
    return json.dumps(body).encode()


def characters(content: bytes) -> list[tuple[str, tuple[float, ...]]]:
    """Each character and the box of its shape, in points."""
    text = pypdfium2.PdfDocument(content)[0].get_textpage()
    return [
        (text.get_text_range(index, 1), text.get_charbox(index))
        for index in range(text.count_chars())
    ]


def test_it_has_what_everyday_chinese_is_written_with() -> None:
    characters = common_characters()
    assert {ord(char) for char in "的馄饨鳗煲炖AzéΩж—“”、。《》：￥×→★①"} <= characters
    assert len([char for char in characters if char in HAN]) == 6763


def test_its_glyphs_are_those_of_the_whole_typeface(part: Path) -> None:
    with TTFont(otc_path("sans"), fontNumber=2, lazy=True) as whole, TTFont(part) as cut:
        assert cut["name"].getDebugName(1) == COMMON_FAMILY
        assert "SIL Open Font License" in cut["name"].getDebugName(13)
        assert cut["head"].unitsPerEm == whole["head"].unitsPerEm
        for name in ("ascent", "descent", "lineGap"):
            assert getattr(cut["hhea"], name) == getattr(whole["hhea"], name), name
        for name in ("sTypoAscender", "sTypoDescender", "sCapHeight", "sxHeight"):
            assert getattr(cut["OS/2"], name) == getattr(whole["OS/2"], name), name
        for char in "AfgéÖ–券面〓":
            drawn = []
            for font in (whole, cut):
                glyphs = font.getGlyphSet()
                glyph = glyphs[font.getBestCmap()[ord(char)]]
                pen = DecomposingRecordingPen(glyphs)
                glyph.draw(pen)
                drawn.append((glyph.width, pen.value))
            assert drawn[0] == drawn[1], char


def test_a_sheet_looks_the_same_with_it_and_without(press: Press, part: Path) -> None:
    without = press.draw(request())
    press.stop()
    shutil.copytree(part.parent, press_module.CHILD.with_name("common"))
    with_it = press.draw(request())
    assert len(with_it) != len(without), "two fonts are embedded, or it was not taken"
    before, after = characters(without), characters(with_it)
    assert [char for char, _box in before] == [char for char, _box in after]
    for (char, old), (_char, new) in zip(before, after, strict=True):
        assert new == pytest.approx(old, abs=0.02), char


def test_rare_characters_are_drawn_though_the_process_can_open_no_font(
    press: Press, part: Path
) -> None:
    shutil.copytree(part.parent, press_module.CHILD.with_name("common"))
    press.draw(request(text="Ramen"))
    document = pypdfium2.PdfDocument(press.draw(request(text="龘𠮷")))
    assert "龘𠮷" in document[0].get_textpage().get_text_bounded()


def test_one_of_another_release_or_a_broken_one_is_not_taken(part: Path, tmp_path: Path) -> None:
    face = Face(Path(otc_path("sans")))
    assert face.families(part) == [COMMON_FAMILY, FAMILY]
    assert face.families(tmp_path / "none.otf") == [FAMILY]
    for content in (b"", b"OTTO broken", part.read_bytes()[:2000]):
        (tmp_path / "broken.otf").write_bytes(content)
        assert face.families(tmp_path / "broken.otf") == [FAMILY]
    with TTFont(part) as font:
        for record in font["name"].names:
            if record.nameID == 3:
                record.string = "19484785-00000000 of another one"
        font.save(tmp_path / "older.otf")
    assert face.families(tmp_path / "older.otf") == [FAMILY]


def test_it_is_made_anew_only_where_something_changed(part: Path, tmp_path: Path) -> None:
    path = tmp_path / "common.otf"
    path.write_bytes(part.read_bytes())
    assert not make_common(path, FEW)
    assert path.read_bytes() == part.read_bytes()
    assert make_common(path, FEW - {ord("券")})
    assert [file.name for file in tmp_path.iterdir()] == ["common.otf"], "no draft is left"
    path.write_bytes(b"half of it")
    assert make_common(path, FEW)
