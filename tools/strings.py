"""Collecting the strings that people see, from Python files, templates and scripts.

Babel reads Python and JavaScript; Django's own ``templatize`` makes Python of a template, which
Babel reads as well. GNU gettext is not needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from django.utils.translation.template import templatize

from o2o.embedded.paths import PROJECT_ROOT

LOCALE = "zh_Hans"
DOMAINS = ("django", "djangojs")

OURS = (
    "kernel", "o2o", "console", "tools", "stores", "members", "messages", "catalog", "payments", "vouchers",
    "campaigns", "orders", "reviews", "insights", "templates",
)  # fmt: skip
# Samples for designers, the demo's own bilingual content, tools of developers.
LEFT_OUT = re.compile(
    r"/migrations/|^o2o/embedded/|^tools/bench/|^templates/styleguide|/templatetags/styleguide\.py$"
)
# Pages of others that people see, and what their own Chinese lacks: unfold brings none, and
# Django is ahead of its translation, in the admin's scripts and in some messages.
BORROWED: dict[str, dict[str, tuple[str, ...]]] = {
    "django": {
        "unfold": ("*.py", "mixins/*.py", "templatetags/*.py", "templates/*", "contrib/filters/*"),
        "rest_framework": ("*.py",),
        "django": (
            "contrib/auth/password_validation.py",
            "contrib/postgres/*.py",
            "core/validators.py",
            "db/models/*",
            "forms/*",
            "views/csrf.py",
        ),
    },
    "djangojs": {"django.contrib.admin": ("static/admin/js/*.js",)},
}
WORDED_ANEW = re.compile(r"one letter \w+day")
"""Contexts that Django's Chinese leaves in English letters: the heads of the date picker."""
SUFFIXES = {"django": {".py", ".html", ".txt"}, "djangojs": {".js"}}

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

Key = tuple[str, str]
"""The context ("" for none) and the English text, in the singular."""


@dataclass
class Wanted:
    """One string of the code: both numbers of its English, and the files that use it."""

    text: str | tuple[str, ...]
    context: str = ""
    files: set[str] = field(default_factory=set)


def singular(text: str | tuple[str, ...] | list[str]) -> str:
    """The English of one, which is what a string is known by."""
    return text if isinstance(text, str) else text[0]


def collect(root: Path = PROJECT_ROOT, domain: str = "django") -> dict[Key, Wanted]:
    """Return every string that people may see: ours, then those of others without Chinese."""
    found: dict[Key, Wanted] = {}
    for path in sources(root) if domain == "django" else ():
        _collect_file(found, path, path.relative_to(root).as_posix())
    borrowed: dict[Key, Wanted] = {}
    for path, name in _borrowed_sources(domain):
        _collect_file(borrowed, path, name)
    known = _translated_by_others(domain)
    for key, wanted in borrowed.items():
        if key not in found and (key not in known or WORDED_ANEW.fullmatch(key[0])):
            found[key] = wanted
    return found


def sources(root: Path = PROJECT_ROOT) -> Iterator[Path]:
    """Our Python files and templates, in a stable order."""
    for folder in OURS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.suffix in SUFFIXES["django"] and path.is_file() and not LEFT_OUT.search(name):
                yield path


def _collect_file(found: dict[Key, Wanted], path: Path, name: str) -> None:
    code = path.read_text(encoding="utf-8")
    if path.suffix in {".html", ".txt"}:
        # What is left of the markup is indented at will, which is no Python.
        code = "\n".join(line.strip() for line in templatize(code, origin=name).splitlines())
    method = "javascript" if path.suffix == ".js" else "python"
    lines = BytesIO(code.encode())
    for _line, text, _comments, context in extract(method, lines, keywords=KEYWORDS):
        if not text or not singular(text):
            continue
        text = tuple(text) if isinstance(text, list | tuple) else text
        wanted = found.setdefault((context or "", singular(text)), Wanted(text, context or ""))
        if isinstance(text, tuple):
            wanted.text = text
        wanted.files.add(name)


def _folder(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None, f"{package} is not installed"
    return Path(spec.origin).parent


def _borrowed_sources(domain: str) -> Iterator[tuple[Path, str]]:
    for package, patterns in BORROWED[domain].items():
        base = _folder(package)
        for pattern in patterns:
            for top in sorted(base.glob(pattern)):
                for path in [top, *sorted(top.rglob("*"))]:
                    if path.suffix in SUFFIXES[domain] and path.is_file():
                        yield path, f"{package}/{path.relative_to(base).as_posix()}"


def _translated_by_others(domain: str) -> set[Key]:
    known: set[Key] = set()
    for package in ("django", *BORROWED[domain]):
        for path in _folder(package).rglob(f"locale/{LOCALE}/LC_MESSAGES/{domain}.mo"):
            with path.open("rb") as file:
                known |= {
                    (_text(entry.context), singular(entry.id))
                    for entry in read_mo(file)
                    if entry.id and entry.string
                }
    return known


def _text(context: str | bytes | None) -> str:
    """Babel leaves the context of a compiled catalogue as it stands in the file: bytes."""
    return context.decode() if isinstance(context, bytes) else context or ""
