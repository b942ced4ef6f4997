"""Words that people see go through gettext, wherever they are written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from o2o.embedded.paths import PROJECT_ROOT
from tools import strings

TEMPLATES = [path for path in strings.sources() if path.suffix != ".py"]
# What integrators and developers read is English: the OpenAPI document, the options of commands.
FOR_DEVELOPERS = re.compile(r"/(api\w*|openapi|shapes|console/devices)\.py$|/management/")
PYTHON = [
    path
    for path in strings.sources()
    if path.suffix == ".py" and not FOR_DEVELOPERS.search(path.as_posix())
]
SCRIPTS = sorted((PROJECT_ROOT / "static" / "js").glob("*.js"))

COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.DOTALL)
TRANSLATED = re.compile(r"\{% blocktranslate.*?\{% endblocktranslate %\}", re.DOTALL)
CODE = re.compile(r"<(script|style|code|kbd|title id)\b.*?</\1>", re.DOTALL)
# The admin's icon font draws these words.
ICON = re.compile(r'<span class="material-symbols-outlined[^>]*>\w*</span>')
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(
    r"\b(?:alt|title|placeholder|aria-label|aria-description"
    r"""|data-(?:busy|label|copied|denied|failed|missing))="([^"]*)\""""
)
MARKUP = re.compile(r"<[^>]*>", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]")
ENTITY = re.compile(r"&\w+;")
# Names that are not translated, units, and the two languages in their own words.
NAMES = {"QR", "API", "English", "中", "文", "O2O", "OpenAPI", "px", "km"}

SPOKEN_NAMES = {
    "verbose_name", "verbose_name_plural", "label", "help_text", "empty_label", "description",
    "short_description",
}  # fmt: skip


def words_of(text: str) -> list[str]:
    return [word for word in WORD.findall(ENTITY.sub(" ", text)) if word not in NAMES]


def hard_coded(source: str) -> list[str]:
    """The words of a template that stand there as they are."""
    text = TRANSLATED.sub("", COMMENT.sub("", source))
    text = TAG.sub("", ICON.sub("", CODE.sub("", text)))
    found = [value for value in SPOKEN_ATTRIBUTE.findall(text) if words_of(value)]
    return found + [line for line in MARKUP.sub("\n", text).splitlines() if words_of(line)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_templates_hold_no_words_of_their_own(path: Path) -> None:
    assert hard_coded(path.read_text(encoding="utf-8")) == []


def test_a_hard_coded_word_is_found() -> None:
    assert hard_coded('<p title="Go home">{% translate "Hello" %} there</p>') == [
        "Go home",
        " there",
    ]


def spoken_literals(path: Path) -> Iterator[str]:
    """Constant texts given as, or assigned to, a name whose text people see."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        pairs: list[tuple[str | None, ast.expr]] = []
        if isinstance(node, ast.Call):
            pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
        elif isinstance(node, ast.Assign):
            pairs = [
                (ast.unparse(name), node.value)
                for name in node.targets
                if path.name != "apps.py" or "verbose" in ast.unparse(name)
            ]
        for name, value in pairs:
            if name not in SPOKEN_NAMES or not isinstance(value, ast.Constant):
                continue
            if isinstance(value.value, str) and words_of(value.value):
                yield f"{path.relative_to(PROJECT_ROOT)}:{value.lineno} {value.value}"


def test_labels_and_names_of_fields_are_translated() -> None:
    assert [line for path in PYTHON for line in spoken_literals(path)] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_get_their_words_from_the_page(path: Path) -> None:
    """A script shows what data attributes hold, which the template translated."""
    code = re.sub(r"//.*|/\*.*?\*/", "", path.read_text(encoding="utf-8"))
    sentences = re.findall(r"""["'`][A-Z][a-z]+ [a-z]+[^"'`]*["'`]""", code)
    shown = re.findall(r"""(?:textContent|innerText|title|alt|placeholder)\s*=\s*["'`]\w+""", code)
    assert sentences + shown == []
