"""Pages and style sheets on their way out: few requests, compressed."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from kernel.http.statics import SHEETS, bundle_file, sheet_files


def test_collected_sheets_are_joined_in_their_order(settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "kernel.http.statics.BundlingStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    for kind in SHEETS:
        joined = (tmp_path / manifest[bundle_file(kind)]).read_text()
        places = []
        for name in sheet_files(kind):
            sheet = (Path(settings.BASE_DIR) / "static" / name).read_text().strip()
            assert sheet in joined
            places.append(joined.index(sheet))
        assert places == sorted(places)
        assert (tmp_path / f"{manifest[bundle_file(kind)]}.gz").exists()


def test_single_sheets_are_linked_where_nothing_was_collected() -> None:
    html = Client().get("/nowhere/").content.decode()
    for name in sheet_files("shop"):
        assert f"{settings.STATIC_URL}{name}" in html


@pytest.mark.django_db
def test_pages_travel_compressed_and_the_api_does_not() -> None:
    client = Client(headers={"accept-encoding": "gzip"})
    page = client.get("/login/")
    assert page["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page["Vary"]
    assert b"<html" in gzip.decompress(page.content)
    assert not client.get("/api/v1/products").has_header("Content-Encoding")
    plain = Client().get("/login/")
    assert not plain.has_header("Content-Encoding")


def rules_for(sheet: str, selector: str) -> list[str]:
    """What the sheet says about a selector, rule by rule."""
    text = (Path(settings.BASE_DIR) / "static" / sheet).read_text()
    return re.findall(rf"(?<![\w-]){re.escape(selector)} \{{([^}}]*)\}}", text)


def test_a_toast_stands_at_the_foot_and_never_over_a_heading() -> None:
    rules = rules_for("css/feedback.css", ".toasts")
    assert "position: fixed" in rules[0] and "inset-block-end:" in rules[0]
    for rule in rules:
        assert not re.search(r"(?<!-)\b(inset|inset-block|inset-block-start|top)\s*:", rule)


def test_charts_write_in_the_font_and_ink_of_their_page() -> None:
    script = (Path(settings.BASE_DIR) / "static/js/admin.js").read_text()
    inked = script.split("function inkCharts()")[1].split("\n}")[0]
    assert "getComputedStyle(document.body)" in inked
    assert re.search(r"Chart\.defaults\.font\.family = fontFamily\b", inked)
    assert re.search(r"chart\.options\.color = ink\b", inked)
