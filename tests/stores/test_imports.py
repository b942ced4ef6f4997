"""import_stores: exact counts, reasons, no guess, safe to run again."""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from stores.models import City, Store
from stores.selectors import StoreQuery, find_stores
from stores.services.staff import add_staff
from stores.services.time_zones import read_time_zone
from tests.factories import make_city, make_merchant, make_user
from tests.forms import LONG

pytestmark = pytest.mark.django_db
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "stores-world.csv.gz"
ROWS = 2_000 if LONG else 500
HEADER = (
    "brand,store_number,name,ownership,address,city,region,country,postcode,phone,timezone,"
    "longitude,latitude"
)
GOOD = (
    'Bean,7-1,Harbour,Own,"1 Quay, East",Linwan,33,CN,310000,0571,GMT+08:00 Asia/Beijing,121.9,29.2'
)


@pytest.fixture
def merchant():
    return make_merchant(slug="world")


def run(path: Path, tmp_path: Path) -> dict[str, int]:
    out = io.StringIO()
    side = tmp_path / "refused.csv"
    call_command("import_stores", str(path), merchant="world", refused=side, stdout=out)
    counts = _counts(out.getvalue())
    assert counts["Rows read"] == sum(counts.values()) - counts["Rows read"], counts
    return counts


def _counts(text: str) -> dict[str, int]:
    pairs = (line.split(": ") for line in text.splitlines() if ": " in line)
    return {
        name: int(number.replace(",", ""))
        for name, number in pairs
        if number.replace(",", "").isdigit()
    }


def write(tmp_path: Path, *rows: str, name: str = "stores.csv") -> Path:
    path = tmp_path / name
    text = "\n".join((HEADER, *rows)) + "\n"
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8-sig")
    return path


def refused(tmp_path: Path) -> list[list[str]]:
    with (tmp_path / "refused.csv").open(encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


@pytest.mark.parametrize("name", ["stores.csv", "stores.csv.gz"])
def test_a_good_row_becomes_a_store_that_is_found(merchant, tmp_path, name) -> None:
    counts = run(write(tmp_path, GOOD, name=name), tmp_path)
    assert counts == {"Rows read": 1, "Made": 1, "Changed": 0, "Unchanged": 0, "Refused": 0}
    store = Store.objects.get()
    assert (store.external_code, store.name_en, store.address_en) == (
        "7-1",
        "Harbour",
        "1 Quay, East",
    )
    assert (store.time_zone, store.latitude, store.longitude) == ("Asia/Shanghai", 29.2, 121.9)
    assert (store.city.name_en, store.city.country, store.city.region) == ("Linwan", "CN", "33")
    assert find_stores(StoreQuery(text="harbour")).rows == [store]
    assert not (tmp_path / "refused.csv").exists()


def test_a_second_run_changes_nothing(merchant, tmp_path) -> None:
    path = write(tmp_path, GOOD)
    run(path, tmp_path)
    before = list(Store.objects.values())
    assert run(path, tmp_path)["Unchanged"] == 1
    assert list(Store.objects.values()) == before
    assert City.objects.count() == 1


def test_a_changed_row_changes_its_store_and_no_other(merchant, tmp_path) -> None:
    other = GOOD.replace("7-1", "7-2")
    run(write(tmp_path, GOOD, other), tmp_path)
    counts = run(write(tmp_path, GOOD.replace("Harbour", "Old Harbour"), other), tmp_path)
    assert (counts["Changed"], counts["Unchanged"], counts["Made"]) == (1, 1, 0)
    assert set(Store.objects.values_list("name_en", flat=True)) == {"Old Harbour", "Harbour"}
    assert len(find_stores(StoreQuery(text="old harbour")).rows) == 1


def test_each_bad_row_is_refused_with_its_line_and_reason_and_stops_nobody(
    merchant, tmp_path
) -> None:
    broken = [
        (GOOD.replace("7-1", ""), "no store number"),
        (GOOD.replace("7-1", "a").replace(",121.9,29.2", ",,"), "no position"),
        (GOOD.replace("7-1", "b").replace("121.9", "east"), "not a pair of numbers"),
        (GOOD.replace("7-1", "c").replace("121.9", "nan"), "not a pair of numbers"),
        (GOOD.replace("7-1", "d").replace("29.2", "99.2"), "latitude"),
        (GOOD.replace("7-1", "e").replace("121.9,29.2", "0,0"), "0, 0"),
        (GOOD.replace("7-1", "f").replace("Asia/Beijing", "Asia/Nowhere"), "Asia/Nowhere"),
        (GOOD.replace("7-1", "g").replace("Asia/Beijing", "Etc/GMT+2"), "Etc/GMT+2"),
        (GOOD.replace("7-1", "h").replace("Linwan", ""), "no city"),
        (GOOD.replace("7-1", "i").replace(",CN,", ",CHN,"), "a code of two letters"),
        (GOOD.replace("7-1", "j").replace("Harbour", "H" * 161), "name_en"),
        (GOOD.replace("7-1", "k").replace("Harbour", ""), "name_en"),
    ]
    last = GOOD.replace("7-1", "7-9")
    counts = run(
        write(tmp_path, GOOD, *(row for row, _ in broken), GOOD, last, "short,row"), tmp_path
    )
    assert counts == {
        "Rows read": len(broken) + 4,
        "Made": 2,
        "Changed": 0,
        "Unchanged": 0,
        "Refused": len(broken) + 2,
    }
    side = refused(tmp_path)
    for line, ((_row, reason), told) in enumerate(zip(broken, side, strict=False), start=3):
        assert told[0] == str(line)
        assert reason in told[2], told
    assert side[-2][0] == "15"
    assert "7-1 is on line 2 already" in side[-2][2]
    assert set(Store.objects.values_list("external_code", flat=True)) == {"7-1", "7-9"}


@pytest.mark.parametrize("country", ["CN", "cn", "China", "中国", "中國", "中华人民共和国"])
def test_a_country_is_known_by_its_code_and_its_names(merchant, tmp_path, country) -> None:
    run(write(tmp_path, GOOD.replace(",CN,", f",{country},")), tmp_path)
    city = City.objects.get()
    assert (city.country, city.slug) == ("CN", "linwan-33-cn")


@pytest.mark.parametrize("country", ["XX", "ZZ", "CHN", "Europe", "", "Cathay"])
def test_a_country_that_is_none_is_refused(merchant, tmp_path, country) -> None:
    run(write(tmp_path, GOOD.replace(",CN,", f",{country},"), GOOD), tmp_path)
    assert f"“{country}” is not a country" in refused(tmp_path)[0][2]
    assert Store.objects.count() == 1


def test_a_chinese_city_has_an_address_of_its_own(merchant, tmp_path) -> None:
    run(write(tmp_path, GOOD.replace("Linwan,33", "临湾市,")), tmp_path)
    assert City.objects.get().slug == "lin-wan-shi-cn"


def test_decimal_commas_do_not_move_a_store(merchant, tmp_path) -> None:
    row = GOOD.replace("121.9,29.2", "4,83,45,76")
    assert run(write(tmp_path, row, GOOD), tmp_path)["Made"] == 1
    assert "cells for 13 columns" in refused(tmp_path)[0][2]


def test_a_store_number_that_was_rounded_is_refused(merchant, tmp_path) -> None:
    long = "6921730000123450000"
    rows = [GOOD.replace("7-1", code) for code in ("1.23457E+11", "88.0", long, long, "12E5")]
    assert run(write(tmp_path, *rows), tmp_path)["Made"] == 1
    assert [row[0] for row in refused(tmp_path)] == ["2", "3", "4", "5"]
    assert Store.objects.get().external_code == "12E5"


def test_a_row_that_the_database_does_not_take_costs_nobody_else(merchant, tmp_path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF NEW.name_en LIKE 'Poison%' THEN RAISE EXCEPTION 'not this one'; END IF;"
            " RETURN NEW; END $$;"
            " CREATE TRIGGER poison BEFORE INSERT ON stores_store"
            " FOR EACH ROW EXECUTE FUNCTION pg_temp.poison()"
        )
    bad = GOOD.replace("7-1", "7-2").replace("Harbour", "Poison").replace("Linwan", "Elsewhere")
    nul = GOOD.replace("7-1", "7-3").replace("Harbour", "Har\x00bour")
    counts = run(write(tmp_path, GOOD, bad, nul, GOOD.replace("7-1", "7-4"), bad, GOOD), tmp_path)
    assert (counts["Made"], counts["Refused"]) == (2, 4)
    told = refused(tmp_path)
    assert {row[0]: row[2] for row in told}.keys() == {"3", "4", "6", "7"}
    assert "not this one" in "".join(row[2] for row in told if row[0] == "3")
    assert set(Store.objects.values_list("external_code", flat=True)) == {"7-1", "7-4"}
    assert list(City.objects.values_list("name_en", flat=True)) == ["Linwan"]


def test_refused_rows_are_safe_to_open_in_a_spreadsheet(merchant, tmp_path) -> None:
    run(write(tmp_path, GOOD.replace("7-1", "=HYPERLINK(1)").replace(",CN,", ",+CN,")), tmp_path)
    assert (tmp_path / "refused.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert refused(tmp_path)[0][1] == "'=HYPERLINK(1)"


def test_a_file_as_chinese_excel_saves_it_is_read_and_said_so(merchant, tmp_path, capsys) -> None:
    path = tmp_path / "excel.csv"
    row = GOOD.replace("Harbour", "港湾店").replace("1 Quay, East", "东码头一号")
    path.write_bytes(f"{HEADER}\r\n{row}\r\n".encode("gb18030"))
    out = io.StringIO()
    side = tmp_path / "refused.csv"
    call_command("import_stores", str(path), merchant="world", refused=side, stdout=out)
    assert "The file was read as GB18030" in out.getvalue()
    assert Store.objects.get().name_zh == "港湾店"


def test_a_store_refused_first_may_come_again_whole(merchant, tmp_path) -> None:
    """The real file has one store twice, the first time without a position."""
    counts = run(write(tmp_path, GOOD.replace("121.9,29.2", ","), GOOD), tmp_path)
    assert (counts["Made"], counts["Refused"]) == (1, 1)


def test_the_side_file_belongs_to_the_last_run(merchant, tmp_path) -> None:
    run(write(tmp_path, GOOD.replace("Linwan", "")), tmp_path)
    assert len(refused(tmp_path)) == 1
    run(write(tmp_path, GOOD), tmp_path)
    assert refused(tmp_path) == []


def test_an_existing_city_is_used(merchant, tmp_path) -> None:
    city = make_city(country="CN", region="33", name_en="Linwan", latitude=1.0, longitude=2.0)
    run(write(tmp_path, GOOD), tmp_path)
    assert Store.objects.get().city == city
    city.refresh_from_db()
    assert city.latitude == 1.0


def test_chinese_goes_into_the_chinese_fields(merchant, tmp_path) -> None:
    run(write(tmp_path, GOOD.replace("Harbour", "灯塔店").replace("Linwan", "临湾市")), tmp_path)
    store = Store.objects.get()
    assert (store.name_en, store.name_zh, store.city.name_zh) == ("", "灯塔店", "临湾市")


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("GMT+08:00 Asia/Beijing", "Asia/Shanghai"),
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("GMT-03:00 America/Argentina/Bu", "America/Argentina/Buenos_Aires"),
        ("GMT+000000 America/Phoenix", "America/Phoenix"),
        ("GMT+05:30 Asia/New_Delhi", "Asia/Kolkata"),
        ("", None),
        ("GMT+08:00", None),
        ("UTC", None),
        ("Mars/Base", None),
    ],
)
def test_time_zones(text, zone) -> None:
    assert read_time_zone(text) == zone


def test_a_file_that_is_none_gives_one_clear_line(merchant, tmp_path) -> None:
    missing = tmp_path / "missing.csv"
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n")
    broken = tmp_path / "broken.csv.gz"
    broken.write_bytes(b"not gzip")
    for path, told in ((missing, "cannot be read"), (wrong, "lacks"), (broken, "cannot be read")):
        with pytest.raises(CommandError, match=told):
            run(path, tmp_path)
    with pytest.raises(CommandError, match="no merchant"):
        call_command("import_stores", str(wrong), merchant="nobody")


def test_an_import_that_was_stopped_goes_on_where_it_was(merchant, tmp_path, monkeypatch) -> None:
    rows = [GOOD.replace("7-1", f"s{number}") for number in range(6)]
    path = write(tmp_path, *rows)
    monkeypatch.setattr("stores.management.commands.import_stores.Command.batch_size", 2)
    broken = write(tmp_path, *rows[:4], name="half.csv")
    run(broken, tmp_path)
    counts = run(path, tmp_path)
    assert (counts["Made"], counts["Unchanged"]) == (2, 4)


@pytest.fixture
def real() -> Path:
    """The real file; skipped where it is absent, which CI does not accept."""
    if not REAL.exists():
        if os.environ.get("CI") == "true" and REAL.parent.exists():
            pytest.fail(f"{REAL} is missing")
        pytest.skip(f"the real data is not here: {REAL}")
    return REAL


def test_the_real_file_begins_as_it_should(merchant, real, tmp_path) -> None:
    with gzip.open(real, "rt", encoding="utf-8") as file:
        head = "".join(islice(file, ROWS + 1))
    path = tmp_path / "head.csv"
    path.write_text(head, encoding="utf-8")
    first = run(path, tmp_path)
    assert (first["Rows read"], first["Made"] + first["Refused"]) == (ROWS, ROWS)
    assert first["Made"] > ROWS * 0.95
    second = run(path, tmp_path)
    assert (second["Made"], second["Changed"], second["Unchanged"]) == (0, 0, first["Made"])


@pytest.mark.fuzz
def test_the_real_file_is_imported_whole_and_only_once(merchant, real, tmp_path) -> None:
    first = run(real, tmp_path)
    assert (first["Rows read"], first["Made"], first["Refused"]) == (25_600, 25_578, 22)
    reasons = Counter(row[2] for row in refused(tmp_path))
    assert sorted(reasons.values()) == [1, 7, 14], reasons
    assert (reasons["It has no position."], reasons["It names no city."]) == (1, 14)
    assert City.objects.filter(slug="").count() == 0
    second = run(real, tmp_path)
    assert (second["Made"], second["Changed"], second["Unchanged"]) == (0, 0, 25_578)


def test_a_command_asks_the_right_of_who_gives_it_and_writes_the_name_down(
    merchant, tmp_path
) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    manager, finance = make_user(email="m@example.com"), make_user(email="f@example.com")
    add_staff(merchant=merchant, user=manager, role="manager")
    add_staff(merchant=merchant, user=finance, role="finance")
    options = {"merchant": "world", "refused": tmp_path / "side.csv", "stdout": io.StringIO()}
    for who in ("f@example.com", "nobody@example.com", make_user().email):
        with pytest.raises(CommandError, match="may not do this"):
            call_command("import_stores", str(path), acting=who, **options)
    assert not Store.objects.filter(merchant=merchant).exists()
    call_command("import_stores", str(path), acting="M@example.com", **options)
    store = Store.objects.get(merchant=merchant)
    kept = _history_of(store)
    assert kept == {"command": "import_stores", "user": manager.pk}
    store.delete()
    call_command("import_stores", str(path), **options)
    assert _history_of(Store.objects.get(merchant=merchant)) == {"command": "import_stores"}


def _history_of(store: Store) -> dict[str, Any]:
    events = apps.get_model("stores", "StoreEvent").objects.filter(pgh_obj_id=store.pk)
    return dict(events.select_related("pgh_context").earliest("pgh_id").pgh_context.metadata)
