"""import_stores: exact counts, reasons, no guess, safe to run again."""

from __future__ import annotations

import csv
import gzip
import io
import os
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from stores.models import City, Store
from stores.selectors import StoreQuery, find_stores
from stores.services.time_zones import read_time_zone
from tests.factories import make_city, make_merchant

pytestmark = pytest.mark.django_db
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "stores-world.csv.gz"
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
    return _counts(out.getvalue())


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
        (GOOD.replace("7-1", "i").replace(",CN,", ",CHN,"), "two letters"),
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


def test_the_real_file_begins_as_it_should(merchant, tmp_path) -> None:
    if not REAL.exists():
        if os.environ.get("CI") == "true" and REAL.parent.exists():
            pytest.fail(f"{REAL} is missing")
        pytest.skip(f"the real data is not here: {REAL}")
    with gzip.open(REAL, "rt", encoding="utf-8") as file:
        head = "".join(islice(file, 1201))
    path = tmp_path / "head.csv"
    path.write_text(head, encoding="utf-8")
    first = run(path, tmp_path)
    assert first["Rows read"] == 1200
    assert first["Made"] + first["Refused"] == 1200
    assert first["Made"] >= 1195
    assert run(path, tmp_path)["Unchanged"] == first["Made"]
