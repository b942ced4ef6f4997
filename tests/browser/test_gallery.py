"""The index page of the pictures: it finds every picture, also after the folder moved."""

from __future__ import annotations

import re
from pathlib import Path

from tools.screenshots.camera import Shot
from tools.screenshots.gallery import write_index


def test_the_index_shows_every_picture_by_relative_links(tmp_path: Path) -> None:
    shots = [
        Shot("home", "shop", language, theme, width, f"home/{language}-{theme}-{width}.jpg")
        for language in ("en", "zh-hans")
        for theme in ("light", "dark")
        for width in (360, 1280)
    ]
    page = write_index(tmp_path, shots, "8 pictures").read_text()
    for shot in shots:
        assert page.count(f'src="{shot.file}"') == 1
    links = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert not [link for link in links if "://" in link or link.startswith("/")]
    for choice in ("<option>zh-hans<", "<option>dark<", "<option>360<", "<option>shop<"):
        assert choice in page
