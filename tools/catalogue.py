"""The catalogues of Chinese: merging what the code wants into them, and finding what is wrong.

A file is written the same way every time: sorted, no dates, no line numbers, so that a
difference in it is a difference in the words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from o2o.embedded.paths import PROJECT_ROOT
from tools.strings import KEYWORDS, LOCALE, Key, Wanted, singular

_PLACEHOLDER = re.compile(r"%\(\w+\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]|%[sdrf]|(?<!\{)\{\w*\}(?!\})")
_RESTLESS_HEADERS = re.compile(
    rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Project-Id-Version|Last-Translator|'
    rb"Language-Team|Report-Msgid-Bugs-To):.*\n",
    re.MULTILINE,
)


class Fault(NamedTuple):
    """Something wrong with the catalogue or with the way a file asks for a string."""

    kind: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text!r} ({self.where})"


def catalogue_path(domain: str = "django") -> Path:
    """Where the Chinese of a domain stands: "django" for pages, "djangojs" for scripts."""
    return PROJECT_ROOT / "locale" / LOCALE / "LC_MESSAGES" / f"{domain}.po"


def read_catalogue(path: Path) -> Catalog:
    """Return the catalogue as it stands; an empty one where there is none yet."""
    if not path.exists():
        return _empty()
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE, abort_invalid=True)


def merge(wanted: dict[Key, Wanted], old: Catalog) -> Catalog:
    """Return a catalogue of exactly the wanted strings, with the translations that ``old`` has."""
    new = _empty()
    for (context, text), item in sorted(wanted.items()):
        known = old.get(text, context=context or None)
        strings = chinese_of(known) if known else [""]
        new.add(
            item.text,
            string=strings[0] if isinstance(item.text, str) else tuple(strings),
            context=context or None,
            locations=[(name, 0) for name in sorted(item.files)],
            flags=set(known.flags) if known else set(),
            user_comments=list(known.user_comments) if known else [],
        )
    return new


def chinese_of(entry: Message) -> list[str]:
    """The translations of an entry: one, because Chinese has one plural form."""
    if isinstance(entry.string, str):
        return [entry.string]
    return [string or "" for string in entry.string or ("",)]


def write_catalogue(catalogue: Catalog, path: Path) -> bool:
    """Write the catalogue; returns False, and leaves the file alone, when nothing changed."""
    draft = BytesIO()
    write_po(draft, catalogue, width=100, sort_output=True, include_lineno=False)
    text = _RESTLESS_HEADERS.sub(b"", draft.getvalue())
    if path.exists() and path.read_bytes() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    return True


def faults(wanted: dict[Key, Wanted], catalogue: Catalog) -> list[Fault]:
    """Return what is missing, obsolete, untranslated, fuzzy, or has other placeholders."""
    found: list[Fault] = []
    entries = {(entry.context or "", singular(entry.id)): entry for entry in catalogue if entry.id}
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
            if node.func.id in KEYWORDS and not all(
                isinstance(argument, ast.Constant) for argument in node.args[:1]
            ):
                where = f"{path.relative_to(root)}:{node.lineno}"
                found.append(Fault("not a plain string", where, ast.unparse(node)))
    return found


def _entry_faults(entry: Message, where: str) -> Iterator[Fault]:
    text = singular(entry.id)
    strings = chinese_of(entry)
    if entry.fuzzy:
        yield Fault("fuzzy", where, text)
    if not strings or not all(strings):
        yield Fault("untranslated", where, text)
        return
    # Chinese has one form for every number: it says what the English plural says.
    model = entry.id if isinstance(entry.id, str) else entry.id[1]
    for string in strings:
        if set(_PLACEHOLDER.findall(model)) != set(_PLACEHOLDER.findall(string)):
            yield Fault("placeholders differ", where, f"{model} → {string}")


def _empty() -> Catalog:
    return Catalog(locale=LOCALE, fuzzy=False, header_comment="# Linli in Simplified Chinese.")
