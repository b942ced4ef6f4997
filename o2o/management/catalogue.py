"""The catalogue of strings for people: collecting them, merging, and finding what is wrong.

Babel reads the Python files; Django's own ``templatize`` makes Python of a template, which Babel
reads as well. GNU gettext is not needed. The file is written the same way every time: sorted, no
dates, no line numbers, so that a difference in it is a difference in the words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import django
import unfold
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from o2o.embedded.paths import PROJECT_ROOT

LOCALE = "zh_Hans"
CATALOGUE = PROJECT_ROOT / "locale" / LOCALE / "LC_MESSAGES" / "django.po"

OURS = (
    "o2o", "stores", "members", "catalog", "payments", "vouchers", "campaigns", "orders", "reviews",
    "insights", "templates",
)  # fmt: skip
# Samples for designers, the demo's own bilingual content, tools of developers.
LEFT_OUT = re.compile(
    r"/migrations/|^o2o/(demo|bench|embedded)/|^templates/styleguide|/templatetags/styleguide\.py$"
)
# Packages whose pages people see and that bring no Chinese of their own.
BORROWED = {"unfold": ("*.py", "templates/*", "contrib/filters/*")}

_CONTEXT = ((1, "c"), 2)
_CONTEXT_PLURAL = ((1, "c"), 2, 3)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": _CONTEXT,
    "pgettext_lazy": _CONTEXT,
    "npgettext": _CONTEXT_PLURAL,
    "npgettext_lazy": _CONTEXT_PLURAL,
}

_PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|%[sdrf]|(?<!\{)\{\w*\}(?!\})")

Key = tuple[str, str]
"""The context ("" for none) and the English text, in the singular."""


@dataclass
class Wanted:
    """One string of the code: both numbers of its English, and the files that use it."""

    text: str | tuple[str, str]
    context: str = ""
    files: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Fault:
    """Something wrong with the catalogue or with the way a file asks for a string."""

    kind: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text!r} ({self.where})"


def collect(root: Path = PROJECT_ROOT) -> dict[Key, Wanted]:
    """Return every string that people may see: those of our rooms, then those borrowed."""
    found: dict[Key, Wanted] = {}
    for path in sources(root):
        _collect_file(found, path, path.relative_to(root).as_posix())
    borrowed: dict[Key, Wanted] = {}
    for path, name in _borrowed_sources():
        _collect_file(borrowed, path, name)
    known = _translated_by_django()
    for key, wanted in borrowed.items():
        if key not in found and key not in known:
            found[key] = wanted
    return found


def sources(root: Path = PROJECT_ROOT) -> Iterator[Path]:
    """Our Python files and templates, in a stable order."""
    for folder in OURS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if _is_source(path) and not LEFT_OUT.search(name):
                yield path


def merge(wanted: dict[Key, Wanted], old: Catalog) -> Catalog:
    """Return a catalogue of exactly the wanted strings, with the translations that ``old`` has."""
    new = _empty()
    for (context, _text), item in sorted(wanted.items()):
        known = old.get(_first(item.text), context=context or None)
        plural = isinstance(item.text, tuple)
        string = known.string if known else ""
        if plural != isinstance(string, tuple | list):
            string = (string,) if plural else string[0]  # type: ignore[index]
        new.add(
            item.text,
            string=string,
            context=context or None,
            locations=[(name, 0) for name in sorted(item.files)],
            flags=set(known.flags) if known else set(),
            user_comments=list(known.user_comments) if known else [],
        )
    return new


def read_catalogue(path: Path = CATALOGUE) -> Catalog:
    """Return the catalogue as it stands; an empty one where there is none yet."""
    if not path.exists():
        return _empty()
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE, abort_invalid=True)


def write_catalogue(catalogue: Catalog, path: Path = CATALOGUE) -> bool:
    """Write the catalogue; returns False, and leaves the file alone, when nothing changed."""
    draft = BytesIO()
    write_po(draft, catalogue, width=100, sort_output=True, include_lineno=False)
    text = re.sub(rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Project-Id-Version|'
                  rb'Last-Translator|Language-Team|Report-Msgid-Bugs-To):.*\n', b"",
                  draft.getvalue(), flags=re.MULTILINE)  # fmt: skip
    if path.exists() and path.read_bytes() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return True


def faults(wanted: dict[Key, Wanted], catalogue: Catalog) -> list[Fault]:
    """Return what is missing, obsolete, untranslated, fuzzy, or has other placeholders."""
    found: list[Fault] = []
    entries = {(entry.context or "", _first(entry.id)): entry for entry in catalogue if entry.id}
    for key, item in sorted(wanted.items()):
        where = ", ".join(sorted(item.files))
        entry = entries.pop(key, None)
        if entry is None or isinstance(entry.id, str) != isinstance(item.text, str):
            found.append(Fault("missing", where, key[1]))
            continue
        found += _entry_faults(entry, where)
    found += [Fault("obsolete", "locale", text) for _context, text in sorted(entries)]
    return found


def unreadable_calls(paths: Iterable[Path], root: Path = PROJECT_ROOT) -> list[Fault]:
    """Return the calls whose text cannot be collected because it is put together at run time."""
    found: list[Fault] = []
    for path in paths:
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if (
                node.func.id in KEYWORDS
                and node.args
                and not isinstance(node.args[0], ast.Constant)
            ):
                where = f"{path.relative_to(root)}:{node.lineno}"
                found.append(Fault("not a plain string", where, ast.unparse(node)))
    return found


def _entry_faults(entry: Message, where: str) -> Iterator[Fault]:
    text = _first(entry.id)
    strings = [entry.string] if isinstance(entry.string, str) else list(entry.string)
    if entry.fuzzy:
        yield Fault("fuzzy", where, text)
    if not strings or not all(strings):
        yield Fault("untranslated", where, text)
        return
    # Chinese has one form for every number: it says what the English plural says.
    model = entry.id if isinstance(entry.id, str) else entry.id[1]
    for string in strings:
        if sorted(set(_PLACEHOLDER.findall(model))) != sorted(set(_PLACEHOLDER.findall(string))):
            yield Fault("placeholders differ", where, f"{model} → {string}")


def _collect_file(found: dict[Key, Wanted], path: Path, name: str) -> None:
    code = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # What is left of the markup is indented at will, which is no Python.
        code = "\n".join(line.strip() for line in templatize(code, origin=name).splitlines())
    lines = BytesIO(code.encode())
    for _line, text, _comments, context in extract("python", lines, keywords=KEYWORDS):
        if not text or not _first(text):
            continue
        text = tuple(text) if isinstance(text, list | tuple) else text
        wanted = found.setdefault((context or "", _first(text)), Wanted(text, context or ""))
        if isinstance(text, tuple):
            wanted.text = text
        wanted.files.add(name)


def _is_source(path: Path) -> bool:
    return path.suffix in {".py", ".html", ".txt"} and path.is_file()


def _borrowed_sources() -> Iterator[tuple[Path, str]]:
    for package, patterns in BORROWED.items():
        base = Path(unfold.__file__).parent
        for pattern in patterns:
            tops = sorted(base.glob(pattern))
            for path in (file for top in tops for file in [top, *sorted(top.rglob("*"))]):
                if _is_source(path):
                    yield path, f"{package}/{path.relative_to(base).as_posix()}"


def _translated_by_django() -> set[Key]:
    known: set[Key] = set()
    for path in Path(django.__file__).parent.rglob(f"locale/{LOCALE}/LC_MESSAGES/django.mo"):
        with path.open("rb") as file:
            known |= {
                (entry.context or "", _first(entry.id))
                for entry in read_mo(file)
                if entry.id and entry.string
            }
    return known


def _empty() -> Catalog:
    return Catalog(locale=LOCALE, fuzzy=False, header_comment="# Linli in Simplified Chinese.")


def _first(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]
