"""replay_orders: every row of the file is made, unchanged or refused; a second run sells nothing."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.core.management import call_command

from orders.models import Order
from tests.factories import Cast, cast, make_product

HEADER = "InvoiceNo,StockCode,Quantity,UnitPrice,CustomerID"


@pytest.fixture
def shop(db: None) -> Cast:
    people = cast()
    for code in ("MUG", "CUP"):
        make_product(merchant=people.merchant, external_code=code)
    return people


def run(people: Cast, tmp_path: Path, *rows: str) -> dict[str, int]:
    path = tmp_path / "invoices.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    out = io.StringIO()
    side = tmp_path / "refused.csv"
    merchant = people.merchant.slug
    call_command("replay_orders", str(path), merchant=merchant, refused=side, stdout=out)
    pairs = (line.split(": ") for line in out.getvalue().splitlines() if ": " in line)
    counts = {name: int(number) for name, number in pairs if number.isdigit()}
    assert counts["Rows read"] == sum(counts.values()) - counts["Rows read"], counts
    return counts


def refused(tmp_path: Path) -> dict[str, str]:
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig") as file:
        return {line: reason for line, _key, reason in list(csv.reader(file))[1:]}


def test_every_row_is_in_one_count_and_a_second_run_sells_nothing(
    shop: Cast, tmp_path: Path
) -> None:
    rows = [
        "900,MUG,2,3.50,17.0",
        "900,CUP,1,1e999999,17",
        "900,CUP,99999999999,1.00,17",
        "900,CUP,1,1.00,18",
        "901,MUG,1,3.50,",
        "901,CUP,1,2.00,19",
        "900,CUP,1,1.00,17",
        "9E+02,CUP,1,1.00,17",
    ]
    counts = run(shop, tmp_path, *rows)
    assert (counts["Made"], counts["Refused"]) == (2, 6)
    told = refused(tmp_path)
    assert "price" in told["3"] and "larger than any order" in told["4"]
    assert "another customer" in told["5"] and "No customer" in told["6"]
    assert "begins on line 2" in told["8"] and "rounded" in told["9"]
    buyers = Order.objects.order_by("id").values_list("buyer__email", flat=True)
    assert [email.split("@")[0] for email in buyers] == ["customer-17", "customer-19"]
    again = run(shop, tmp_path, *rows)
    assert (again["Made"], again["Unchanged"], again["Refused"]) == (0, 2, 6)
    assert Order.objects.count() == 2


def test_an_invoice_with_other_rows_than_before_stays_as_it_is(shop: Cast, tmp_path: Path) -> None:
    run(shop, tmp_path, "900,MUG,2,3.50,17")
    counts = run(shop, tmp_path, "900,MUG,2,3.50,17", "900,CUP,1,1.00,17")
    assert (counts["Made"], counts["Refused"]) == (0, 2)
    assert "different rows" in refused(tmp_path)["2"]
