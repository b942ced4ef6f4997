"""manage.py import_stock: counts of a file, and what is refused of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import StockLevel
from tests.catalog.stock_books import broken
from tests.factories import make_product, make_store, variant_of

pytestmark = pytest.mark.django_db


def run(folder: Path, text: str, merchant: str) -> str:
    path, refused = folder / "stock.csv", folder / "refused.csv"
    path.write_text(text)
    call_command("import_stock", str(path), "--merchant", merchant, "--refused", str(refused))
    return refused.read_text() if refused.exists() else ""


def test_a_file_counts_and_says_what_it_could_not(tmp_path: Path) -> None:
    store = make_store(external_code="N1")
    product = make_product(merchant=store.merchant, stock=None, external_code="EGG")
    text = "StockCode,Store,Counted\nEGG,N1,12\nEGG,S9,4\nMILK,N1,3\nEGG,N1,few\n"
    refused = run(tmp_path, text, store.merchant.slug)
    assert [line.split(",")[0] for line in refused.splitlines()[1:]] == ["3", "4", "5"]
    assert StockLevel.objects.get(variant=variant_of(product)).on_hand == 12
    assert broken() == set()


def test_run_again_it_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = make_store(external_code="N1")
    make_product(merchant=store.merchant, stock=3, external_code="EGG")
    for _turn in range(2):
        run(tmp_path, "StockCode,Store,Counted\nEGG,N1,12\n", store.merchant.slug)
    level = StockLevel.objects.get()
    assert level.variant.movements.filter(reason="count", store=store).count() == 1


def test_an_unknown_business_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        run(tmp_path, "StockCode,Store,Counted\n", "nobody")
