"""Catalogues are compiled when they are newer, and only then."""

import gettext
import os
from pathlib import Path

import pytest
from babel.messages.pofile import PoFileError

from o2o.embedded.translations import compile_translations

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Redeem"
msgstr "核销"

#, fuzzy
msgid "Refund"
msgstr "退货"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    file.write_text(CATALOGUE)
    return file


def test_a_newer_catalogue_is_compiled_once(source: Path, tmp_path: Path) -> None:
    target = source.with_suffix(".mo")
    assert compile_translations(tmp_path) == [target]
    with target.open("rb") as file:
        words = gettext.GNUTranslations(file)
    assert words.gettext("Redeem") == "核销"
    assert words.gettext("Refund") == "Refund", "a fuzzy guess is not shown to people"
    assert compile_translations(tmp_path) == []
    os.utime(source, (target.stat().st_mtime + 5,) * 2)
    assert compile_translations(tmp_path) == [target]


def test_a_broken_catalogue_is_an_error(source: Path, tmp_path: Path) -> None:
    source.write_text('msgid "Redeem"\nno such keyword\n')
    with pytest.raises(PoFileError):
        compile_translations(tmp_path)
