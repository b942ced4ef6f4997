"""Damaged pictures and tables: refused in words, and nothing half happens."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from catalog.models import Category, Product
from kernel.watch.models import Incident
from stores.models import Store
from tests.access.world import World, rolled_back
from tests.nonsense.files import bad_picture, bad_table, packed, picture
from tests.nonsense.walk import Sent, books, file_forms, form_data, send

pytestmark = pytest.mark.django_db
SEED = int(os.environ.get("SEED") or "7")
ROUNDS = int(os.environ.get("ROUNDS") or "20")
STORES = (
    "store_number,name,address,city,region,country,postcode,phone,timezone,longitude,latitude",
    [
        "7-1,Harbour,1 Quay,Linwan,33,CN,310000,0571,GMT+08:00 Asia/Beijing,121.9,29.2",
        "7-2,Hill,2 Quay,Linwan,33,CN,310000,0571,GMT+08:00 Asia/Beijing,121.8,29.3",
    ],
)
GOODS = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
    [
        "536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom",
        "536365,71053,METAL LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom",
    ],
)
COMMANDS = {"import_stores": STORES, "import_products": GOODS}


Fields = list[tuple[str, str, dict[str, Any], str]]


@pytest.fixture(scope="module")
def fields(world: World) -> Fields:
    """Every file field, found once."""
    return file_forms(world)


def uploads(random: Random, fields: Fields, each: int) -> Iterator[Sent]:
    """A damaged picture in every file field there is, ``each`` times."""
    for role, path, data, name in fields:
        for _ in range(each):
            yield Sent(role, "POST", path, {**data, name: bad_picture(random)})


def wrong_answers(seed: int, world: World, fields: Fields, each: int) -> list[str]:
    before = books()
    answers = ((sent, send(world, sent, before)) for sent in uploads(Random(seed), fields, each))
    return [f"{sent} {answer}" for sent, answer in answers if answer]


def test_a_damaged_picture_costs_nothing_at_any_file_field(world: World, fields: Fields) -> None:
    assert wrong_answers(SEED, world, fields, 3) == []


def test_file_fields_of_every_kind_are_found(fields: Fields) -> None:
    found = {name.rsplit("-", 1)[-1] for _role, _path, _data, name in fields}
    assert {"mark", "picture", "image"} <= found


def test_a_good_picture_goes_in(world: World) -> None:
    url = reverse("admin:stores_store_change", args=[world.mine.store.pk])
    upload = SimpleUploadedFile("me.png", picture("PNG"), content_type="image/png")
    with rolled_back():
        data = form_data(world, "owner", url)
        world.visitor("owner").post(url, {**data, "picture": upload})
        assert Store.objects.get(pk=world.mine.store.pk).picture


def bring_in(command: str, world: World, file: Path, folder: Path) -> dict[str, int]:
    """What an import of ``file`` counts; CommandError where it refuses the whole of it."""
    out = io.StringIO()
    options: dict[str, Any] = {"merchant": world.mine.merchant.slug}
    if command == "import_products":
        category = Category.objects.filter(merchants=world.mine.merchant).earliest("id")
        options["category"] = category.slug
    call_command(command, str(file), refused=folder / "refused.csv", stdout=out, **options)
    pairs = (line.split(": ") for line in out.getvalue().splitlines() if ": " in line)
    return {
        name: int(count.replace(",", ""))
        for name, count in pairs
        if count.replace(",", "").isdigit()
    }


def damaged_import(command: str, seed: int, world: World, folder: Path) -> None:
    random = Random(seed)
    body = bad_table(random, *COMMANDS[command])
    pressed = random.random() < 0.3
    file = folder / ("table.csv.gz" if pressed else "table.csv")
    file.write_bytes(packed(random, body) if pressed else body)
    known = set(Incident.objects.values_list("pk", flat=True))
    with rolled_back():
        try:
            counts = bring_in(command, world, file, folder)
        except CommandError:
            counts = {}
        assert counts.get("Rows read", 0) * 2 == sum(counts.values()), (seed, counts)
        new = Incident.objects.exclude(pk__in=known)
        assert not new.exists(), (seed, new.values_list("error", flat=True))
        connection.check_constraints()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_damaged_table_is_refused_in_words(command: str, world: World, tmp_path: Path) -> None:
    for step in range(25):
        damaged_import(command, SEED * 1_000 + step, world, tmp_path)


@pytest.mark.parametrize(
    ("command", "model"), [("import_stores", Store), ("import_products", Product)]
)
def test_a_good_table_goes_in(command: str, model: Any, world: World, tmp_path: Path) -> None:
    header, rows = COMMANDS[command]
    file = tmp_path / "good.csv"
    file.write_text("\n".join((header, *rows)), encoding="utf-8")
    before = model.objects.count()
    counts = bring_in(command, world, file, tmp_path)
    assert (counts["Made"], counts["Refused"]) == (2, 0)
    assert model.objects.count() == before + 2


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", [SEED * 1_000 + step for step in range(ROUNDS)])
def test_the_long_walk_of_files(seed: int, world: World, fields: Fields, tmp_path: Path) -> None:
    assert wrong_answers(seed, world, fields, 10) == []
    for command in COMMANDS:
        for step in range(50):
            damaged_import(command, seed * 1_000 + step, world, tmp_path)
