"""Static files on their way out: hashed, compressed, and the style sheets of a page as one file.

Over HTTP/1.1 a browser asks six things at a time; ten small sheets cost a phone two more round
trips before its first paint. The sheets stay single files for people; `collectstatic` joins them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

COMMON = ("tokens", "base", "layout", "controls", "forms", "feedback", "records", "lists")
SHEETS = {
    "shop": (*COMMON, "frame", "commerce"),
    "console": (*COMMON, "console"),
}
"""The sheets of every page of a kind, in their order (the layers are named in the first)."""


def sheet_files(kind: str) -> list[str]:
    """The style sheets of ``kind``, as static files."""
    return [f"css/{name}.css" for name in SHEETS[kind]]


def bundle_file(kind: str) -> str:
    """The one file that `collectstatic` makes of them."""
    return f"css/bundle-{kind}.css"


class BundlingStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage that also joins SHEETS, and works each address out once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._addresses: dict[str | None, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """The address of a file of the manifest, which stands as long as this process."""
        if force or settings.DEBUG:
            return super().url(name, force)
        if name not in self._addresses:
            self._addresses[name] = super().url(name)
        return self._addresses[name]

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        if not dry_run:
            for kind in SHEETS:
                self._join(kind)
                paths[bundle_file(kind)] = (self, bundle_file(kind))
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _join(self, kind: str) -> None:
        parts = []
        for name in sheet_files(kind):
            with self.open(name) as sheet:
                parts.append(sheet.read())
        self.delete(bundle_file(kind))
        self._save(bundle_file(kind), ContentFile(b"\n".join(parts)))
