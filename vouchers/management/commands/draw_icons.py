"""Draw the app's icons from the mark: `manage.py draw_icons`, after the mark or its colour changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from kernel.paper.identity import mark

SIZES = (192, 512)
TOUCH_SIZE = 180
MASKED_SCALE = 0.84
"""Phones cut a maskable icon to circle or square; 80 % of its width always stays."""


class Command(BaseCommand):
    """Writes the PNGs that manifest and home screens ask for."""

    help = "Draw the icons of the installed app into static/img."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--into", type=Path, default=settings.BASE_DIR / "static" / "img")

    def handle(self, *args: Any, into: Path, **options: Any) -> None:
        """Draw every icon."""
        for size in SIZES:
            mark(size).save(into / f"app-{size}.png", optimize=True)
            _square(size).save(into / f"app-maskable-{size}.png", optimize=True)
        _square(TOUCH_SIZE).save(into / "app-touch.png", optimize=True)
        self.stdout.write(f"{2 * len(SIZES) + 1} icons in {into}")


def _square(size: int) -> Any:
    """The mark from edge to edge, without transparency: whoever shows it cuts its own shape."""
    return mark(size, rounded=False, scale=MASKED_SCALE).convert("RGB")
