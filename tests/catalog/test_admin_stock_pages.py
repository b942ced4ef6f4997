"""Stock in the back office beyond its rows: sent to another store, taken along, uploaded."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog import admin_stock_pages
from catalog.models import StockLevel, StockMovement
from catalog.services.by_store import keep_by_store
from catalog.services.shelves import count_level
from stores.models import Store
from tests.catalog.stock_books import broken
from tests.factories import Cast, cast, make_product, make_store, variant_of

pytestmark = pytest.mark.django_db
UPLOAD = "admin:catalog_stocklevel_upload_counts"


@pytest.fixture
def people() -> Cast:
    people = cast()
    Store.objects.filter(pk=people.store.pk).update(external_code="N1")
    Store.objects.filter(pk=people.other_store.pk).update(external_code="S2")
    return people


@pytest.fixture
def level(people: Cast) -> StockLevel:
    product = make_product(
        merchant=people.merchant, kind="goods", stock=8, title_en="=Eggs", external_code="EGG"
    )
    keep_by_store(variant_id=variant_of(product).pk, by=people.owner, store_id=people.store.pk)
    return StockLevel.objects.get(store=people.store)


@pytest.fixture
def office(client: Client, people: Cast) -> Client:
    client.force_login(people.owner)
    return client


def form_key(page: Any) -> str:
    return page.content.decode().split('name="form_key" value="')[1].split('"')[0]


def numbers() -> list[int]:
    return list(StockLevel.objects.order_by("store").values_list("on_hand", flat=True))


def test_pieces_go_to_another_store_once(office: Client, people: Cast, level: StockLevel) -> None:
    url = reverse("admin:catalog_stocklevel_send_on", args=[level.pk])
    form = {"form_key": form_key(office.get(url)), "to_store": people.other_store.pk}
    sent = form | {"quantity": "3", "note": "van"}
    for _turn in range(2):  # a double click
        assert office.post(url, sent).status_code == 302
    assert numbers() == [5, 3]
    assert StockMovement.objects.filter(note="van").count() == 2
    assert broken() == set()


def test_more_than_there_are_is_refused_beside_the_form(
    office: Client, people: Cast, level: StockLevel
) -> None:
    url = reverse("admin:catalog_stocklevel_send_on", args=[level.pk])
    form = {"form_key": form_key(office.get(url)), "to_store": people.other_store.pk}
    page = office.post(url, form | {"quantity": "9"})
    assert page.status_code == 200 and 'role="alert"' in page.content.decode()
    assert numbers() == [8, 0]


def test_nothing_goes_to_a_store_of_somebody_else(
    office: Client, people: Cast, level: StockLevel
) -> None:
    theirs = make_store(merchant=people.other_merchant)
    url = reverse("admin:catalog_stocklevel_send_on", args=[level.pk])
    form = {"form_key": form_key(office.get(url)), "quantity": "1"}
    assert office.post(url, form | {"to_store": theirs.pk}).status_code == 200
    assert numbers() == [8, 0]


def read(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_levels_are_taken_along_as_the_list_shows_them(
    office: Client, people: Cast, level: StockLevel
) -> None:
    url = reverse("admin:catalog_stocklevel_download")
    rows = read(office.get(url))
    assert {(row["StockCode"], row["Store"], row["Counted"]) for row in rows} == {
        ("EGG", "N1", "8"),
        ("EGG", "S2", "0"),
    }
    assert rows[0]["Product"].startswith("'=")
    assert [row["Store"] for row in read(office.get(url, {"supply": "none"}))] == ["S2"]
    listed = office.get(reverse("admin:catalog_stocklevel_changelist"), {"supply": "none"})
    assert "stocklevel/download/?supply=none" in listed.content.decode()


def test_movements_are_taken_along(office: Client, people: Cast, level: StockLevel) -> None:
    rows = read(office.get(reverse("admin:catalog_stockmovement_download")))
    assert ("by_store", "8", "N1") in {(row["Reason"], row["Change"], row["Store"]) for row in rows}


def test_a_file_of_any_length_takes_the_same_queries(
    office: Client, people: Cast, level: StockLevel, django_assert_max_num_queries: Any
) -> None:
    for _turn in range(5):
        product = make_product(merchant=people.merchant, kind="goods", stock=1)
        keep_by_store(variant_id=variant_of(product).pk, by=people.owner, store_id=people.store.pk)
    with django_assert_max_num_queries(12) as told:
        assert len(read(office.get(reverse("admin:catalog_stocklevel_download")))) == 12
    (sql,) = [query["sql"] for query in told if "LIMIT 100000" in query["sql"]]
    assert "description_en" not in sql


def test_a_file_holds_so_many_lines_and_is_read_in_parts(
    office: Client, level: StockLevel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_stock_pages, "PART", 1)
    url = reverse("admin:catalog_stockmovement_download")
    assert len(read(office.get(url))) == StockMovement.objects.count() == 3
    monkeypatch.setattr(admin_stock_pages, "MOST_LINES", 2)
    assert len(read(office.get(url))) == 2
    url = reverse("admin:catalog_stocklevel_download")
    assert len(read(office.get(url))) == 2


def upload(client: Client, text: str) -> Any:
    file = SimpleUploadedFile("may.csv", text.encode(), content_type="text/csv")
    return client.post(reverse(UPLOAD), {"file": file})


FILE = "StockCode,Store,Counted\nEGG,N1,12\nEGG,S9,4\nMILK,N1,3\nEGG,S2,few\nEGG,N1,13\nEGG,S2,0\n"


def test_a_file_is_looked_at_before_anything_is_written(
    office: Client, people: Cast, level: StockLevel
) -> None:
    page = upload(office, FILE)
    assert [row.line for row in page.context["refused"]] == [3, 4, 5, 6]
    assert page.context["changes"] == 2
    assert numbers() == [8, 0]
    assert not StockMovement.objects.filter(reason="count", store__isnull=False).exists()
    sent = {
        "form_key": form_key(page),
        "confirmed": "yes",
        "merchant": people.merchant.pk,
        "kept": page.context["kept"],
    }
    for _turn in range(2):  # a double click
        assert office.post(reverse(UPLOAD), sent).status_code == 302
    assert numbers() == [12, 0]
    assert StockMovement.objects.filter(reason="count", store=people.store).count() == 1
    assert upload(office, FILE).context["changes"] == 0
    assert broken() == set()


def test_the_look_names_the_product_and_says_what_it_has_now(
    office: Client, people: Cast, level: StockLevel
) -> None:
    count_level(level=level, counted=8, by=people.owner)
    make_product(
        merchant=people.merchant, kind="goods", stock=84, title_en="Milk", external_code="MILK"
    )
    html = upload(office, FILE).content.decode()
    egg, milk = html.partition("MILK")[0], html.partition("MILK")[2].partition("</li>")[0]
    said = "counted by store from then on"
    assert str(level.variant) in egg and "8\n      → <strong>12</strong>" in egg and said not in egg
    assert "Milk" in html and f"Now one number for all stores, 84; {said}." in milk


def test_a_count_far_from_the_books_is_marked_and_a_wrong_one_says_how_to_write_it(
    office: Client, level: StockLevel
) -> None:
    page = upload(office, "StockCode,Store,Counted\nEGG,N1,999999\n").content.decode()
    assert "far from the books" in page
    page = upload(office, "StockCode,Store,Counted\nEGG,N1,12\n").content.decode()
    assert "far from the books" not in page
    page = upload(office, "StockCode,Store,Counted\nEGG,N1,-4\n").content.decode()
    assert "0 or more, in digits" in page


def test_what_is_no_such_file_is_said_beside_the_field(office: Client, level: StockLevel) -> None:
    for text in ("Name,Price\nEgg,3\n", "StockCode,Store,Counted\n", '"'):
        page = upload(office, text)
        assert page.status_code == 200 and 'role="alert"' in page.content.decode(), text
    assert "may.csv" in upload(office, "Name,Price\nEgg,3\n").content.decode()


def test_a_longer_file_is_for_the_command(office: Client, level: StockLevel) -> None:
    page = upload(office, "StockCode,Store,Counted\n" + "EGG,N1,1\n" * 501)
    assert "more than 500 rows" in page.content.decode()
    assert numbers() == [8, 0]


def test_nobody_writes_for_another_business(
    office: Client, people: Cast, level: StockLevel
) -> None:
    key = form_key(upload(office, FILE))
    sent = {"form_key": key, "confirmed": "yes", "kept": "EGG\tN1\t2"}
    sent["merchant"] = people.other_merchant.pk
    assert office.post(reverse(UPLOAD), sent).status_code == 404
    assert numbers() == [8, 0]


@pytest.mark.parametrize("kind", ["stocklevel", "stockmovement"])
def test_a_file_with_filters_that_nobody_can_read_leads_back_to_the_list(
    office: Client, level: StockLevel, kind: str
) -> None:
    answer = office.get(reverse(f"admin:catalog_{kind}_download"), {"store__id__exact": "abc"})
    assert answer.status_code == 302
    assert answer["Location"] == reverse(f"admin:catalog_{kind}_changelist") + "?e=1"
