"""What people typed is data; what the typeface lacks is drawn as a stand-in, and the sheet says so."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from PIL import Image

from kernel.paper import sheets
from kernel.paper.child import STAND_IN, Face
from kernel.paper.errors import PaperFailed
from kernel.watch.models import Incident
from tests.pdf import Read, read_pdf

HOSTILE = r"""#panic("x") $ x^2 $ \ @label <tag> [b] {c} *bold* _it_ `raw` // no /* no */ = head - item ~ "q" 'q'"""


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Path]:
    """A room with templates of its own."""
    folder = tmp_path / "room" / "paper"
    folder.mkdir(parents=True)
    (folder / "line.typ").write_text("#data.text#missing-note")
    (folder / "clamped.typ").write_text("#clamp(data.text, 2, 20)")
    (folder / "wrong.typ").write_text("#nobody")
    with override_settings(BASE_DIR=tmp_path):
        sheets._read_once.cache_clear()
        yield folder
    sheets._read_once.cache_clear()


@pytest.fixture(scope="module")
def face() -> Face:
    from noto_cjk import otc_path  # noqa: PLC0415

    return Face(Path(otc_path("sans")))


def drawn(template: str, text: str, **more: Any) -> Read:
    return read_pdf(sheets.draw(f"room/{template}", {"text": text}, language="en", **more))


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_what_people_type_is_never_code(room: Path) -> None:
    assert squeezed(drawn("line", HOSTILE).text) == squeezed(HOSTILE)
    assert squeezed(drawn("clamped", HOSTILE[:40]).text) == squeezed(HOSTILE[:40])


def test_ten_thousand_characters_are_drawn_or_clamped(room: Path) -> None:
    text = "券#$\\@[] long " * 800
    whole = drawn("line", text)
    assert len(whole.pages) > 1 and squeezed(whole.text) == squeezed(text)
    short = drawn("clamped", text)
    assert len(short.pages) == 1 and short.text.strip().endswith("…")
    assert squeezed(text).startswith(squeezed(short.text).rstrip("…"))
    one_word = drawn("clamped", "x" * 10_000)
    assert len(one_word.pages) == 1


def test_control_characters_and_halves_of_characters_break_nothing(room: Path) -> None:
    read = drawn("line", "a\x00b\x07c\r\n\td\ud800e\ufffff")
    assert squeezed(read.text).startswith(f"abcd{STAND_IN}e{STAND_IN}f")


def test_a_sheet_with_stand_ins_says_what_they_are(room: Path) -> None:
    assert "does not have" in drawn("line", "🔥 Ramen").text
    assert "does not have" not in drawn("line", "Ramen 拉面").text


@pytest.mark.django_db
def test_a_template_that_is_wrong_is_an_incident_and_a_refusal_in_words(room: Path) -> None:
    with pytest.raises(PaperFailed) as refused:
        drawn("wrong", "")
    assert refused.value.extra["retry_after_seconds"] > 0
    assert refused.value.status == 503 and "Nothing was changed" in str(refused.value)
    incident = Incident.objects.get(kind="paper")
    assert incident.subject == "room/wrong" and "nobody" in incident.error


def test_a_picture_is_as_wide_as_its_template_says(room: Path) -> None:
    (room / "card.typ").write_text("#set page(width: 100pt, height: auto)\n#data.text")
    data = sheets.draw("room/card", {"text": "券"}, "png", language="zh-hans")
    assert Image.open(io.BytesIO(data)).width == 200


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Café · 烧烤 ★ ¥ 25", "Café · 烧烤 ★ ¥ 25"),
        ("Cafe\u0301", "Café"),
        ("🔥 Ramen 🍜", f"{STAND_IN} Ramen {STAND_IN}"),
        ("👩\u200d🍳 Chef", f"{STAND_IN} Chef"),
        ("👨\u200d👩\u200d👧\u200d👦👍\U0001f3fd", STAND_IN * 2),
        ("🧑\u200d⚕️!", f"{STAND_IN}!"),
        ("🇨🇳🇯🇵", STAND_IN * 2),
        ("مرحبا", STAND_IN * 5),
        ("a\u200bb\u2068c\u2069\ufeff", "abc"),
        ("龘𠮷", "龘𠮷"),
        ("\ue000", STAND_IN),
        ("", ""),
    ],
)
def test_one_stand_in_for_each_sign_that_the_typeface_lacks(
    face: Face, text: str, printed: str
) -> None:
    assert face.printable(text) == (printed, STAND_IN in printed)


def test_every_text_of_the_data_is_looked_at(face: Face) -> None:
    data, missing = face.printable_data({"rows": [{"name": "🔥", "count": 3}], "none": None})
    assert data == {"rows": [{"name": STAND_IN, "count": 3}], "none": None} and missing
    assert face.printable_data([1, "a", True]) == ([1, "a", True], False)
