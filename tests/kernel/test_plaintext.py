"""Texts that people type: what is stored is what a reader sees."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError

from kernel.plaintext import (
    clean_line,
    clean_name,
    clean_text,
    fold_typography,
    is_blank,
    isolate,
    strip_invisible,
)
from o2o.embedded.paths import PROJECT_ROOT

BLANK = [
    "",
    " \t\n",
    "\u3164",
    "\u2800\u2800",
    "\u115f\u1160",
    "\uffa0",
    "\u00ad",
    "\u200b\ufeff\u2060",
    "\u3000\u00a0\u2003",
    "\ufe0f",
    "\u200d",
    "\x00\x07\x1f",
    "\u202a\u202c",
    "\ud800",
    "\U000e0041\U000e0062",
    "\u180e",
    "\U0001d173",
]


@pytest.mark.parametrize("text", BLANK, ids=ascii)
def test_what_nobody_sees_is_blank_and_no_name(text: str) -> None:
    assert is_blank(text)
    assert clean_line(text) == clean_text(text) == ""
    with pytest.raises(ValidationError):
        clean_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "邻里",
        "Zoë",
        "🔥",
        "👩‍👩‍👧",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "❤️",
        "1️⃣",
        "葛\U000e0100城",
        "می‌خواهم",
        "क्‍ष",
        "。",
        "محمد",
    ],
)
def test_what_a_reader_sees_stays_as_it_is(text: str) -> None:
    assert clean_name(text) == text
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("Mei\u200b Lin", "Mei Lin"),
        ("\ufeffTea house\ufeff", "Tea house"),
        ("soft\u00adware", "software"),
        ("a\ufe0fb\u200dc", "abc"),
        ("Li\x00ly\x1b", "Lily"),
        ("half\ud83dway", "halfway"),
        ("two  \t spaces\u3000wide", "two spaces wide"),
        ("three\r\nlines\u2028here", "three lines here"),
        ("e\u0301clair", "\u00e9clair"),
        ("李\u3164雷", "李 雷"),
        ("🔥\ufe0f\u200d", "🔥\ufe0f"),
    ],
    ids=ascii,
)
def test_a_line_keeps_what_is_seen(typed: str, seen: str) -> None:
    assert clean_line(typed) == seen


@pytest.mark.parametrize(
    "mark", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ids=ascii
)
def test_a_name_never_turns_the_sentence_around_it(mark: str) -> None:
    with pytest.raises(ValidationError) as refused:
        clean_name(f"{mark}annA")
    assert refused.value.code == "direction"
    assert clean_line(f"{mark}annA") == "annA"


def test_a_line_end_counts_as_one_character() -> None:
    typed = "\r\n".join(["x" * 10] * 50)
    assert clean_text(typed) == "\n".join(["x" * 10] * 50)
    assert clean_text("a\rb\u2029c\x0bd") == "a\nb\nc\nd"


def test_a_text_keeps_its_paragraphs_and_nothing_at_its_ends() -> None:
    assert clean_text("\n\n Good  soup. \n\n\n\n\nSlow service.\n") == "Good soup.\n\nSlow service."


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Grandma Wu\u2019s", "Grandma Wu's"),
        ("\u201cfresh\u201d", '"fresh"'),
        ("\uff34\uff45\uff41\u3000\uff12", "Tea 2"),
        ("24\u201148\u2013h", "24-48-h"),
        ("wait\u2026", "wait..."),
        ("Caf\u00e9\u200b", "Caf\u00e9"),
    ],
    ids=ascii,
)
def test_a_search_is_folded_to_what_a_keyboard_writes(typed: str, plain: str) -> None:
    assert fold_typography(typed) == plain


def test_stripping_leaves_line_ends_to_the_caller() -> None:
    assert strip_invisible("a\u200b\nb") == "a\nb"


@pytest.mark.parametrize("name", ["Zoë", "邻里", "Олег", "7 Brew", "", "नमस्ते"])
def test_a_name_written_from_the_left_stands_in_a_sentence_as_it_is(name: str) -> None:
    assert isolate(name) == name


@pytest.mark.parametrize("name", ["שרה", "أحمد", "Dana דנה", "١٢"])
def test_a_name_written_from_the_right_carries_nothing_around_it_along(name: str) -> None:
    assert isolate(name) == f"\u2068{name}\u2069"


# Names of people, stores and deals in the templates' sentences ---------------------------

_SENTENCE = re.compile(r"{%\s*blocktranslate\b(.*?)%}(.*?){%\s*endblocktranslate", re.DOTALL)
_NAMES = re.compile(
    r"\.address$|\b(?:name|title|display_name|label|merchant|store|clerk|words|product|buyer|place)$"
)
_OURS = {"site.name", "action_label", "off_label", "label", "cl.opts.verbose_name"}
"""Words of the platform's own, and those of a file that Django's admin draws."""


def _named_barely(text: str) -> list[str]:
    """What a sentence of the template names without marking where the name ends."""
    found = []
    for head, body in _SENTENCE.findall(text):
        values = dict(re.findall(r"(\w+)=(\S+)", head))
        for used in re.findall(r"{{\s*([\w.]+)\s*}}", body):
            value = values.get(used, used)
            if value not in _OURS and "|" not in value and _NAMES.search(value):
                found.append(value)
    return found


def test_the_names_in_a_template_are_looked_for() -> None:
    barely = (
        "{% blocktranslate with a=store.name %}At {{ a }} for {{ merchant }}{% endblocktranslate %}"
    )
    assert _named_barely(barely) == ["store.name", "merchant"]
    assert not _named_barely(
        barely.replace("store.name", "store.name|isolate").replace("{{ m", "{{ m|")
    )


def test_a_name_written_from_the_right_stays_a_word_of_its_own_in_every_sentence() -> None:
    templates = PROJECT_ROOT / "templates"
    pages = sorted(
        {*templates.rglob("*.*")} - {*(templates / "unfold").rglob("*.*")}
    )  # kinds of rows
    barely = {
        str(page): found for page in pages if (found := _named_barely(page.read_text("utf-8")))
    }
    assert len(pages) > 100
    assert not barely
