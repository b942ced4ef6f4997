"""Small files that unpack to gigabytes, at the page and at the API: refused at once, nothing kept."""

from __future__ import annotations

import gzip
import io
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import StockMovement
from catalog.services.by_store import keep_by_store
from kernel.watch.models import Incident
from members.services.accounts import issue_token
from tests.factories import Cast, cast, make_product, variant_of

pytestmark = pytest.mark.django_db
HEADER = b"StockCode,Store,Counted\n"
TEN_MB = b"\0" * 10_000_000
WITHIN_SECONDS = 2


def packed_gzip(members: int) -> bytes:
    """A file of gzip with ten million zeros a member: a thousandth of that packed."""
    return gzip.compress(HEADER) + gzip.compress(TEN_MB) * members


def packed_zip(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file, file.open(name, "w") as part:
        for _ in range(9):
            part.write(TEN_MB)
    return out.getvalue()


BOMBS = {
    "97 KB of gzip": ("counts.csv.gz", packed_gzip(9)),
    "2 GB in gzip": ("counts.csv", packed_gzip(200)),
    "gzip in gzip": ("counts.csv.gz", gzip.compress(packed_gzip(200))),
    "zip": ("counts.zip", packed_zip("counts.csv")),
    "workbook": ("counts.xlsx", packed_zip("xl/worksheets/sheet1.xml")),
}


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where uploads are laid down while they are read."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def moved(people: Cast) -> int:
    product = make_product(merchant=people.merchant, kind="goods", stock=8, external_code="EGG")
    keep_by_store(variant_id=variant_of(product).pk, by=people.owner, store_id=people.store.pk)
    return StockMovement.objects.count()


@pytest.mark.parametrize("bomb", BOMBS)
def test_the_page_refuses_it_at_once_and_keeps_nothing(
    client: Client, people: Cast, spool: Path, moved: int, bomb: str
) -> None:
    client.force_login(people.owner)
    url = reverse("admin:catalog_stocklevel_upload_counts")
    client.get(url)
    name, body = BOMBS[bomb]
    form: dict[str, Any] = {"merchant": people.merchant.pk, "file": SimpleUploadedFile(name, body)}
    begun = time.perf_counter()
    page = client.post(url, form)
    assert time.perf_counter() - begun < WITHIN_SECONDS
    assert page.status_code == 200 and 'role="alert"' in page.content.decode()
    assert 'name="confirmed"' not in page.content.decode()
    assert StockMovement.objects.count() == moved
    assert list(spool.iterdir()) == []
    assert not Incident.objects.exists()


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("way", ["multipart", "json", "encoded"])
def test_the_api_refuses_it_at_once_and_keeps_nothing(
    client: Client, people: Cast, spool: Path, moved: int, bomb: str, way: str
) -> None:
    name, body = BOMBS[bomb]
    headers = {"Authorization": f"Bearer {issue_token(user=people.owner)}"}
    url = "/api/v1/stock/counts"
    begun = time.perf_counter()
    if way == "multipart":
        answer = client.post(url, {"file": SimpleUploadedFile(name, body)}, headers=headers)
    else:
        if way == "encoded":
            headers["Content-Encoding"] = "gzip"
        answer = client.post(url, body, content_type="application/json", headers=headers)
    assert time.perf_counter() - begun < WITHIN_SECONDS
    assert answer.status_code in {400, 413, 415}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert StockMovement.objects.count() == moved
    assert list(spool.iterdir()) == []
    assert not Incident.objects.exists()
