"""The eight packages that are given, each still used for what it is for: shown by what it does.

| package | for |
|---|---|
| django | every page, the database, the back office |
| djangorestframework | every answer of the API, its problems included |
| celery | takes the outbox to its consumers, as a worker |
| redis | the cache, and the broker between the web and the workers |
| psycopg2-binary | the one driver of the database |
| pillow | opens every picture that somebody uploads, in one place |
| qrcode | makes every QR code that anybody sees |
| pytest-django | the database of every test, and its protection |
"""

from __future__ import annotations

import ast
import datetime as dt
import io
import re
import time
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg2.extensions
import pytest
import qrcode
import redis
import rest_framework.views
import zxingcpp
from celery.contrib.testing.worker import start_worker
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from PIL import Image

from catalog.errors import BadPicture
from kernel import clock
from kernel.media.pictures import PictureError
from kernel.outbox import services as outbox
from messages.models import Notification
from o2o.celery import app
from o2o.embedded import broker_url
from o2o.embedded.paths import PROJECT_ROOT
from o2o.wsgi import application
from payments.services.settlement import settle_merchant
from tests.backoffice import shown
from tests.factories import Cast, cast, make_merchant, make_product, make_user
from tests.payments.books import earn, shanghai
from tests.pdf import read_pdf
from tests.races.conftest import deleted_afterwards  # noqa: F401 - emptied quickly
from tests.stores.test_kept_pictures import page_of
from tests.vouchers.counter import sell_one
from vouchers import qr
from vouchers.errors import PictureUnreadable
from vouchers.models import Voucher
from vouchers.pictures import read_picture

GIVEN = (
    "django", "djangorestframework", "celery", "redis", "psycopg2-binary", "pillow", "qrcode",
    "pytest-django",
)  # fmt: skip
ROOMS = (
    "kernel", "stores", "members", "catalog", "payments", "vouchers", "campaigns", "orders", "reviews", "insights",
    "messages", "console", "o2o",
)  # fmt: skip
MODULES = sorted(path for room in ROOMS for path in (PROJECT_ROOT / room).rglob("*.py"))
DAY = dt.date(2026, 5, 1)


def imports_of(path: Path) -> set[str]:
    """The packages that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def importers(*packages: str) -> set[str]:
    return {
        path.relative_to(PROJECT_ROOT).as_posix()
        for path in MODULES
        if imports_of(path) & set(packages)
    }


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


@pytest.fixture
def voucher(people: Cast) -> Voucher:
    return sell_one(make_product(merchant=people.merchant), buyer=people.buyer)


@pytest.mark.parametrize("package", GIVEN)
def test_it_is_asked_for_locked_and_installed(package: str) -> None:
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    assert any(re.match(rf"{package}[<>=~]", line) for line in asked)
    locked = (PROJECT_ROOT / "requirements.lock").read_text("utf-8")
    assert f"\n{package}=={version(package)} " in locked


# Django --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_django_answers_pages_draws_them_and_keeps_their_rows(client: Client) -> None:
    assert isinstance(application, WSGIHandler)
    assert [engine["BACKEND"] for engine in settings.TEMPLATES] == [
        "django.template.backends.django.DjangoTemplates"
    ]
    answer = client.get("/")
    assert answer.status_code == 200 and answer.templates
    own = [config for config in apps.get_app_configs() if config.name.partition(".")[0] in ROOMS]
    kinds = [model for config in own for model in config.get_models()]
    assert len(kinds) > 40 and all(issubclass(kind, models.Model) for kind in kinds)
    office = Client()
    office.force_login(make_user(is_staff=True, is_superuser=True))
    assert office.get(reverse("admin:index")).resolver_match.namespace == "admin"


# Django REST framework -------------------------------------------------------------------


def api_addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            if route.startswith("api/"):
                yield route, pattern
        else:
            yield from api_addresses(pattern, route)


PROGRAMS = dict(api_addresses(get_resolver()))
PAGES = {"api/docs/"}
"""Pages for people who write programs."""


def test_every_answer_of_the_api_is_the_frameworks(client: Client, db: None) -> None:
    assert len(PROGRAMS) > 50
    foreign = {
        route
        for route, pattern in PROGRAMS.items()
        if not issubclass(
            getattr(pattern.callback, "cls", getattr(pattern.callback, "view_class", object)),
            rest_framework.views.APIView,
        )
    }
    assert foreign - PAGES == set()
    refused = client.get("/api/v1/statements")
    assert refused.status_code == 401 and refused["Content-Type"] == "application/problem+json"
    assert isinstance(refused, rest_framework.response.Response)


# Celery and Redis ------------------------------------------------------------------------


@pytest.fixture
def real_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    """The broker of the settings (one database behind the cache) in place of the tests' own in memory."""

    def renew() -> None:
        app.amqp._producer_pool = None
        app._pool = None

    url = broker_url()
    monkeypatch.setitem(app.conf, "broker_url", url)
    monkeypatch.setattr(outbox, "_asked", {})
    renew()
    cached = redis.ConnectionPool.from_url(settings.CACHES["default"]["LOCATION"])
    known = cached.connection_kwargs
    behind = known | {"db": (known.get("db") or 0) + 1}
    valkey = redis.Redis(connection_pool=redis.ConnectionPool(cached.connection_class, **behind))
    valkey.flushdb()
    yield valkey
    valkey.flushdb()
    valkey.close()
    monkeypatch.undo()
    renew()


def until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_celery_worker_takes_the_outbox_to_its_consumers_by_way_of_redis(
    deleted_afterwards: None,  # noqa: F811
    transactional_db: None,
    real_broker: redis.Redis,
) -> None:
    owner = make_user()
    merchant = make_merchant(owner=owner)
    with clock.at(shanghai(DAY, 12)):
        earn(merchant, 10_000)
    settle_merchant(merchant_id=merchant.pk, day=DAY, cutoff_at=shanghai(DAY, 23))
    told = Notification.objects.filter(user=owner)
    assert real_broker.llen("messages") == 1, "the web asks for a worker by a message in Redis"
    assert not told.exists(), "nobody works yet"
    with start_worker(
        app, pool="solo", concurrency=1, perform_ping_check=False, queues=["messages"]
    ):
        assert until(told.exists), "the worker has taken the event to its consumer"
    assert real_broker.llen("messages") == 0


def test_redis_keeps_the_cache() -> None:
    cache.set("given", "kept", 60)
    with redis.Redis.from_url(settings.CACHES["default"]["LOCATION"]) as valkey:
        assert valkey.exists(cache.make_key("given"))
        valkey.delete(cache.make_key("given"))
    assert cache.get("given") is None
    assert importers("pymemcache", "pylibmc", "diskcache", "valkey", "glide") == set()


# psycopg2 --------------------------------------------------------------------------------


def test_psycopg2_is_the_one_driver_of_the_database(db: None) -> None:
    connection.ensure_connection()
    assert isinstance(connection.connection, psycopg2.extensions.connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        assert cursor.fetchone()[0] >= 150_000
    assert importers("psycopg", "asyncpg", "pg8000", "sqlite3", "MySQLdb", "sqlalchemy") == set()


# Pillow ----------------------------------------------------------------------------------


def photograph(kind: str = "JPEG") -> bytes:
    image = Image.new("RGB", (60, 40), "teal")
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera's private name"
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


def test_pictures_are_opened_in_one_place_and_by_pillow_alone() -> None:
    opening = re.compile(r"\bImage\.open\(|\bImageFile\.Parser\b|\bfrombuffer\(|\bfrombytes\(")
    found = {
        path.relative_to(PROJECT_ROOT).as_posix()
        for path in MODULES
        if opening.search(path.read_text("utf-8"))
    }
    assert found == {"kernel/media/pictures.py"}
    assert importers("cv2", "imageio", "wand", "pyvips", "skimage", "numpy") == set()


UPLOADS = {
    "catalog.Picture.card", "catalog.Picture.image", "catalog.Picture.small", "members.User.avatar",
    "stores.Merchant.mark", "stores.Store.picture",
}  # fmt: skip


def test_the_columns_that_hold_files_are_known() -> None:
    """A new one belongs to the test below, or is written by nobody but ourselves."""
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FileField) and not model.__name__.endswith("Event")
    }
    assert found == UPLOADS


def _as_product_picture(data: bytes) -> bytes:
    from catalog.services.pictures import add_picture  # noqa: PLC0415

    with add_picture(product=make_product(), content=data).image.open() as file:
        return bytes(file.read())


def _as_mark(data: bytes) -> bytes:
    from stores.admin_merchants import MerchantAdmin  # noqa: PLC0415

    form = object.__new__(MerchantAdmin.form)
    form.cleaned_data = {"mark": SimpleUploadedFile("m.jpg", data, "image/jpeg")}
    form.fields = {"mark": SimpleNamespace(widget=SimpleNamespace())}
    return bytes(form.clean_shrunk_picture("mark").read())


def _as_kept(data: bytes) -> bytes:
    from stores.services.kept_pictures import keep_picture  # noqa: PLC0415

    return bytes(keep_picture(data).content)


@pytest.mark.parametrize("way", [_as_product_picture, _as_mark, _as_kept])
def test_what_is_uploaded_is_drawn_anew_by_pillow(
    db: None, way: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Image.open(io.BytesIO(way(photograph())))
    assert kept.format == "WEBP" and kept.size == (40, 60), "upright"
    assert not kept.getexif()
    monkeypatch.setattr(Image, "open", _refuse)
    with pytest.raises((PictureError, BadPicture, ValidationError)):
        way(photograph())


def _refuse(*_args: Any, **_more: Any) -> None:
    raise OSError("Pillow does not know this picture")


def test_nothing_else_takes_what_is_uploaded() -> None:
    """Forms of the back office take pictures by their models' columns; a page of its own is known here."""
    taking = re.compile(r"request\.FILES|\b(?:forms|serializers)\.(?:File|Image)Field\(")
    found = {
        path.relative_to(PROJECT_ROOT).as_posix()
        for path in MODULES
        if taking.search(path.read_text("utf-8"))
    }
    tables = {"catalog/admin_stock_pages.py"}
    assert found - tables == {"console/views.py", "kernel/http/net.py", "stores/admin_base.py"}


@pytest.mark.parametrize("kind", ["product", "store", "merchant"])
def test_the_pages_store_what_pillow_drew_and_nothing_that_it_does_not_know(
    people: Cast, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    client.force_login(people.owner)
    address, field, more, stored = page_of(kind, people)
    typed = shown(client.get(address)) | more

    def post() -> int:
        upload = SimpleUploadedFile("camera.jpg", photograph(), "image/jpeg")
        return client.post(address, {**typed, field: upload}).status_code

    with monkeypatch.context() as broken:
        broken.setattr(Image, "open", _refuse)
        assert post() == 200, "the form comes back"
        assert not stored()
    assert post() == 302
    (file,) = stored()
    with file.open() as opened, Image.open(opened) as kept:
        assert (kept.format, kept.size) == ("WEBP", (40, 60)) and not kept.getexif()


def test_a_photographed_code_is_opened_by_pillow(
    voucher: Voucher, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = SimpleUploadedFile("photo.png", qr.png(voucher), "image/png")
    assert read_picture(upload) == qr.payload(voucher)
    upload.seek(0)
    monkeypatch.setattr(Image, "open", _refuse)
    with pytest.raises(PictureUnreadable):
        read_picture(upload)


# qrcode ----------------------------------------------------------------------------------


def decoded(image: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image.convert("L"))]


def codes_of(voucher: Voucher, client: Client) -> dict[str, list[str]]:
    """What the codes say that a guest gets: on the page, by API, on paper, in the picture."""
    page = client.get(reverse("voucher_detail", args=[voucher.pk])).content.decode()
    address = reverse("voucher_qr", args=[voucher.pk])
    assert f'src="{address}"' in page
    picture = client.get(reverse("voucher_picture", args=[voucher.pk])).content
    sheet = client.get(reverse("voucher_sheet", args=[voucher.pk])).content
    return {
        "page": decoded(drawn_svg(client.get(address).content.decode())),
        "png": decoded(Image.open(io.BytesIO(qr.png(voucher)))),
        "svg": decoded(drawn_svg(qr.svg(voucher))),
        "picture": decoded(Image.open(io.BytesIO(picture))),
        "sheet": read_pdf(sheet).codes,
    }


def drawn_svg(text: str) -> Image.Image:
    """The squares of the SVG code in ``text``, as a screen shows them."""
    match = re.search(
        r'viewBox="0 0 (\d+) \1"[^>]*crispEdges.*?fill="#000" d="([^"]+)"', text, re.S
    )
    assert match is not None
    image = Image.new("L", (int(match[1]), int(match[1])), 255)
    for found in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", match[2]):
        x, y, width, height = map(int, found)
        image.paste(0, (x, y, x + width, y + height))
    return image.resize((image.width * 6, image.height * 6), Image.Resampling.NEAREST)


def test_every_code_that_a_guest_gets_is_what_qrcode_made(
    voucher: Voucher, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    client.force_login(people.buyer)
    genuine = codes_of(voucher, client)
    assert set(map(tuple, genuine.values())) == {(qr.payload(voucher),)}
    add = qrcode.QRCode.add_data
    monkeypatch.setattr(
        qrcode.QRCode, "add_data", lambda code, text, optimize=20: add(code, "MADE BY QRCODE")
    )
    cache.clear()
    made = codes_of(voucher, client)
    assert set(map(tuple, made.values())) == {("MADE BY QRCODE",)}, "none comes from elsewhere"


def test_nothing_else_makes_codes() -> None:
    assert importers("qrcode") == {"kernel/qr.py"}
    assert importers("segno", "pyqrcode", "pystrich", "treepoem", "reportlab", "barcode") == set()
    others = re.compile(
        r"create_barcode|write_barcode|BarcodeFormat\.\w+\.write|QRCode\(|qrcodegen"
    )
    sources = [
        path
        for room in ROOMS
        for kind in ("*.py", "*.typ")
        for path in (PROJECT_ROOT / room).rglob(kind)
    ]
    sources += (PROJECT_ROOT / "static" / "js").rglob("*.js")
    found = {
        path.relative_to(PROJECT_ROOT).as_posix()
        for path in sources
        if others.search(path.read_text("utf-8"))
    }
    assert found == {"kernel/qr.py"}


# pytest-django -----------------------------------------------------------------------------


def test_pytest_django_keeps_the_database_from_who_does_not_ask_for_it() -> None:
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        connection.ensure_connection()


def test_pytest_django_gives_a_database_of_the_tests_and_takes_back_what_was_written(
    db: None, pytestconfig: pytest.Config
) -> None:
    assert pytestconfig.pluginmanager.hasplugin("django")
    assert connection.settings_dict["NAME"].startswith("test_")
    assert connection.in_atomic_block, "rolled back afterwards"
