"""import_products: one product per stock code, prices at face value, nothing guessed."""

from __future__ import annotations

import csv
import gzip
import io
import os
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Offer, Product, Stock, Variant
from catalog.search import ProductQuery, find_products
from catalog.selectors import offers_for_purchase
from catalog.services.imports import ProductImport, gather_codes
from catalog.services.offers import set_normal_price
from kernel.imports.files import Row
from tests.factories import make_category, make_merchant, make_store, offer_of, variant_of
from tests.forms import LONG

pytestmark = pytest.mark.django_db
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "retail-orders.csv.gz"
ROWS = 3_000 if LONG else 900
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


@pytest.fixture
def category():
    return make_category(slug="goods")


@pytest.fixture
def merchant(category):
    merchant = make_merchant(slug="retail")
    category.merchants.add(merchant)
    return merchant


def line(code: str, title: str, price: str) -> str:
    return f"536365,{code},{title},6,2010-12-01 08:26:00,{price},17850,United Kingdom"


def run(tmp_path: Path, *rows: str, path: Path | None = None, **options) -> dict[str, int]:
    if path is None:
        path = tmp_path / "orders.csv"
        path.write_text("\n".join((HEADER, *rows)) + "\n")
    out = io.StringIO()
    side = tmp_path / "refused.csv"
    options = {"merchant": "retail", "refused": side, "stdout": out, **options}
    call_command("import_products", str(path), **options)
    pairs = (text.split(": ") for text in out.getvalue().splitlines() if ": " in text)
    counts = {
        name: int(number.replace(",", ""))
        for name, number in pairs
        if number.replace(",", "").isdigit()
    }
    assert counts["Rows read"] == sum(counts.values()) - counts["Rows read"], counts
    return counts


def refused(tmp_path: Path) -> dict[str, tuple[str, str]]:
    with (tmp_path / "refused.csv").open(encoding="utf-8") as file:
        return {key: (number, reason) for number, key, reason in list(csv.reader(file))[1:]}


def test_a_code_becomes_goods_that_can_be_found_and_bought(merchant, tmp_path) -> None:
    counts = run(tmp_path, line("85123A", "WHITE HEART T-LIGHT", "2.55"))
    assert counts == {"Rows read": 1, "Made": 1, "Changed": 0, "Unchanged": 0, "Refused": 0}
    product = Product.objects.get()
    assert (product.kind, product.title_en, product.external_code) == (
        "goods",
        "WHITE HEART T-LIGHT",
        "85123A",
    )
    assert (product.price_fen, product.list_price_fen) == (255, 255)
    assert not offers_for_purchase([offer_of(product).pk])  # no store would take it yet
    make_store(merchant=merchant)
    assert offers_for_purchase([offer_of(product).pk])
    assert variant_of(product).stock.available is None
    for words in ("heart light", "85123A"):
        assert find_products(ProductQuery(text=words)).rows == [product]


def test_the_most_frequent_words_and_price_win(merchant, tmp_path) -> None:
    run(
        tmp_path,
        line("1", "damaged?", "0.0"),
        line("1", "MUG", "3.00"),
        line("1", "MUG", "2.50"),
        line("1", "", "2.50"),
        line("2", "B", "4.00"),
        line("2", "A", "2.00"),
    )
    rows = Product.objects.order_by("external_code").values_list("title_en", "price_fen")
    assert list(rows) == [("MUG", 250), ("A", 200)]


def test_codes_that_differ_in_case_are_different_goods(merchant, tmp_path) -> None:
    assert run(tmp_path, line("15056bl", "x", "1"), line("15056BL", "y", "1"))["Made"] == 2


def test_a_batch_of_new_goods_takes_so_many_statements_whatever_its_size(
    merchant, category
) -> None:
    def statements(codes: int, *, first: int) -> int:
        cells = [
            {"StockCode": str(first + number), "Description": "MUG", "UnitPrice": "2.50"}
            for number in range(codes)
        ]
        lines = list(gather_codes(Row(number, row) for number, row in enumerate(cells, start=2)))
        job = ProductImport(merchant, category)
        with CaptureQueriesContext(connection) as seen:
            outcome = job.import_batch(lines)
        assert outcome.made == codes and not outcome.refused
        return len(seen)

    assert statements(1, first=100) == statements(40, first=200)
    assert set(Product.objects.values_list("price_fen", flat=True)) == {250}
    assert Offer.objects.filter(active=True, price_fen=250).count() == 41


def test_without_a_price_or_a_description_it_is_refused(merchant, tmp_path) -> None:
    counts = run(
        tmp_path,
        line("free", "GIFT", "0.0"),
        line("debt", "Adjust bad debt", "-11062.06"),
        line("free", "GIFT", "0.00"),
        line("tiny", "PADS", "0.001"),
        line("odd", "ODD", "two"),
        line("mute", "", "1.00"),
        line("", "NAMELESS", "1.00"),
        line("dear", "MOON", "99999999999999"),
        line("good", "GOOD", "1.00"),
    )
    assert (counts["Rows read"], counts["Made"], counts["Refused"]) == (9, 1, 7)
    told = refused(tmp_path)
    assert told["free"][0] == "2"
    assert "0.0, 0.00" in told["free"][1]
    for code in ("debt", "tiny", "odd", "dear"):
        assert "No line has a price above zero" in told[code][1]
    assert "No line describes it" in told["mute"][1]
    assert "no stock code" in told[""][1]


def test_a_second_run_changes_nothing_and_a_changed_file_what_differs(merchant, tmp_path) -> None:
    rows = [line("1", "MUG", "2.50"), line("2", "CUP", "1.00")]
    run(tmp_path, *rows)
    before = list(Product.objects.values())
    assert run(tmp_path, *rows)["Unchanged"] == 2
    assert list(Product.objects.values()) == before
    old = offer_of(Product.objects.get(external_code="1"))
    counts = run(tmp_path, line("1", "BIG MUG", "3.00"), rows[1])
    assert (counts["Changed"], counts["Unchanged"]) == (1, 1)
    product = Product.objects.get(external_code="1")
    assert (product.title_en, product.price_fen, product.list_price_fen) == ("BIG MUG", 300, 300)
    assert offers_for_purchase([old.pk]) == {}
    assert find_products(ProductQuery(text="big")).rows == [product]


def test_goods_with_a_rounded_code_are_not_one_good(merchant, tmp_path) -> None:
    long = "6921730000123450000"
    counts = run(
        tmp_path,
        line("6.92173E+12", "GREEN TEA", "1.00"),
        line("6.92173E+12", "BLACK TEA", "2.00"),
        line(long, "RED POT", "3.00"),
        line(long, "BLUE POT", "3.00"),
        line("6921730000777770000", "WHITE POT", "3.00"),
        line("6921730000777770000", "WHITE POT", "3.00"),
    )
    assert (counts["Made"], counts["Refused"]) == (1, 3)
    assert Product.objects.get().title_en == "WHITE POT"
    told = refused(tmp_path)
    assert "rounded" in told["6.92173E+12"][1] and "fifteen digits" in told[long][1]


@pytest.mark.parametrize(
    "price", ["1e999999", "1E5", "NaN", "Infinity", "-1", "1,50", "٣", "9" * 40]
)
def test_a_price_that_is_no_amount_refuses_its_row_alone(merchant, tmp_path, price) -> None:
    counts = run(tmp_path, line("1", "MUG", f'"{price}"'), line("2", "CUP", "1.50"))
    assert (counts["Made"], counts["Refused"]) == (1, 1)
    assert Product.objects.get().external_code == "2"


def test_a_product_without_a_choice_costs_nobody_else(merchant, tmp_path) -> None:
    rows = [line("1", "MUG", "2.50"), line("2", "CUP", "1.00")]
    run(tmp_path, *rows)
    bare = Product.objects.get(external_code="1")
    Offer.objects.filter(product=bare).delete()
    Stock.objects.filter(variant__product=bare).delete()
    Variant.objects.filter(product=bare).delete()
    counts = run(tmp_path, rows[0], line("2", "CUP", "3.00"), line("3", "POT", "9.00"))
    assert (counts["Refused"], counts["Changed"], counts["Made"]) == (1, 1, 1)
    assert "no variant" in refused(tmp_path)["1"][1]


def test_a_price_that_was_changed_meanwhile_is_brought_in_step(merchant, tmp_path) -> None:
    row = line("1", "MUG", "2.50")
    run(tmp_path, row)
    product = Product.objects.get()
    set_normal_price(variant=variant_of(product), price_fen=990)
    assert run(tmp_path, row)["Changed"] == 1
    product.refresh_from_db()
    assert product.price_fen == 250
    assert run(tmp_path, row)["Unchanged"] == 1


def test_the_category_must_be_open_to_the_merchant(merchant, tmp_path) -> None:
    row = line("1", "MUG", "1.00")
    with pytest.raises(CommandError, match="may not sell in this category"):
        run(tmp_path, row, category=make_category(slug="other").slug)
    with pytest.raises(CommandError, match="no category"):
        run(tmp_path, row, category="nothing")
    make_category(slug="second").merchants.add(merchant)
    with pytest.raises(CommandError, match="goods, second"):
        run(tmp_path, row)
    assert run(tmp_path, row, category="second")["Made"] == 1
    with pytest.raises(CommandError, match="no merchant"):
        run(tmp_path, row, merchant="nobody")


def test_the_real_file_begins_as_it_should(merchant, tmp_path) -> None:
    if not REAL.exists():
        if os.environ.get("CI") == "true" and REAL.parent.exists():
            pytest.fail(f"{REAL} is missing")
        pytest.skip(f"the real data is not here: {REAL}")
    with gzip.open(REAL, "rt", encoding="utf-8") as file:
        head = "".join(islice(file, ROWS + 1))
    path = tmp_path / "head.csv"
    path.write_text(head, encoding="utf-8")
    first = run(tmp_path, path=path)
    assert first["Rows read"] == ROWS
    assert first["Made"] > ROWS // 3
    product = Product.objects.get(external_code="85123A")
    assert (product.title_en, product.price_fen) == ("WHITE HANGING HEART T-LIGHT HOLDER", 255)
    assert run(tmp_path, path=path)["Unchanged"] == first["Made"]
