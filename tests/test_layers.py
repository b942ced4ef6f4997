"""What import-linter cannot see: names of pages, and settings, that lead a room upward, and
names that are imported past where they are written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from django.apps import apps
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from kernel.http.places import Place, address_of

ROOMS = (
    *("kernel", "stores", "members", "messages", "catalog", "payments", "vouchers"),
    *("campaigns", "orders", "reviews", "insights", "console", "o2o"),
)
"""From the lowest to the highest, as pyproject.toml has them."""
ASKS = {"reverse", "reverse_lazy", "redirect", "resolve_url"}
FRAMEWORK = {"admin:index", "admin:login", "admin:logout", "schema", "api_docs"}


def _names(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, str]]:
    """Each name of an address and the room of its view."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            view: Any = getattr(entry.callback, "view_class", None) or getattr(
                entry.callback, "cls", entry.callback
            )
            yield f"{space}{entry.name}", view.__module__.partition(".")[0]
        else:
            yield from _names(entry, f"{entry.namespace}:" if entry.namespace else space)


def _room_of(name: str, rooms: dict[str, str]) -> str | None:
    if name.startswith("admin:"):
        label = name.removeprefix("admin:").partition("_")[0]
        return label if label in ROOMS else None
    return rooms.get(name)


def _asked(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            called = node.func
            word = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if word in ASKS:
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield node.lineno, part.value


def test_no_room_names_a_page_of_a_higher_one() -> None:
    rooms = dict(_names(get_resolver()))
    upward = []
    for place, room in enumerate(ROOMS[:-1]):
        for path in Path(settings.BASE_DIR, room).rglob("*.py"):
            for line, name in _asked(ast.parse(path.read_text())):
                owner = _room_of(name, rooms)
                if owner in ROOMS and ROOMS.index(owner) > place and name not in FRAMEWORK:
                    upward.append(f"{path.relative_to(settings.BASE_DIR)}:{line} {name} ({owner})")
    assert upward == []


def _settings_named(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts of settings that a module reads: one may be the name of a page."""
    for node in ast.walk(tree):
        of_settings = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if of_settings and node.value.id == "settings":
            value = getattr(settings, node.attr, None)
            if isinstance(value, str):
                yield node.lineno, value


def test_no_room_reads_a_page_of_a_higher_one_from_the_settings() -> None:
    """What leads upward is registered by the roof (kernel/http/places.py)."""
    rooms = dict(_names(get_resolver()))
    upward = []
    for place, room in enumerate(ROOMS[:-1]):
        for path in Path(settings.BASE_DIR, room).rglob("*.py"):
            for line, name in _settings_named(ast.parse(path.read_text())):
                owner = rooms.get(name)
                if owner in ROOMS and ROOMS.index(owner) > place:
                    upward.append(f"{path.relative_to(settings.BASE_DIR)}:{line} {name} ({owner})")
    assert upward == []


def test_every_place_that_rooms_lead_to_is_a_page() -> None:
    for place in get_args(Place):
        assert address_of(place).startswith("/")


def test_the_counter_keeps_nothing() -> None:
    """It shows what the rooms below know (docs/adr/0006): no models, so no app either."""
    room = Path(settings.BASE_DIR, "console")
    assert not [path for path in room.rglob("*.py") if "models.Model" in path.read_text()]
    assert "console" not in {config.name for config in apps.get_app_configs()}


def _module_of(path: Path) -> str:
    parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _made_and_imported(tree: ast.AST) -> tuple[set[str], list[ast.ImportFrom]]:
    """The names that a module makes itself, and what it imports by name."""
    made: set[str] = set()
    imports = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            made.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            made.add(node.id)
        elif isinstance(node, ast.ImportFrom):
            imports.append(node)
    return made, imports


def test_each_name_is_imported_from_where_it_is_written() -> None:
    """Packages gather what their own modules hold (models); no other module hands names on."""
    paths = {
        _module_of(path): path
        for room in (*ROOMS, "demo", "tools", "tests")
        for path in Path(settings.BASE_DIR, room).rglob("*.py")
        if "migrations" not in path.parts
    }
    names = {
        module: _made_and_imported(ast.parse(path.read_text())) for module, path in paths.items()
    }
    handed_on = [
        f"{module}: {name.name} from {node.module}"
        for module, (_made, imports) in names.items()
        for node in imports
        if node.module in paths and paths[node.module].name != "__init__.py"
        for name in node.names
        if name.name not in {"*", *names[node.module][0]}
        and f"{node.module}.{name.name}" not in paths
    ]
    assert handed_on == []
