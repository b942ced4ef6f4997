"""The site as an app: manifest, icons, worker, offline page, and what the worker may keep."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from PIL import Image

from kernel.clock import at
from kernel.paper.identity import colour
from tests.factories import Cast, cast, make_product
from tests.vouchers.counter import sell, sell_one
from vouchers.offline import HEADER, PREFETCHED
from vouchers.services.redeem import redeem_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def buyer(people: Cast) -> Client:
    client = Client()
    client.force_login(people.buyer)
    return client


def manifest(language: str) -> dict[str, Any]:
    answer = Client().get(reverse("web_manifest"), {"lang": language})
    assert answer["Content-Type"] == "application/manifest+json"
    return json.loads(answer.content)


# Manifest and icons --------------------------------------------------------------------


def test_the_manifest_speaks_the_visitors_language() -> None:
    english, chinese = manifest("en"), manifest("zh-hans")
    assert english["name"] == "Linli" and chinese["name"] == "邻里"
    assert english["id"] == chinese["id"] == "/", "one app, not one for each language"
    assert english["shortcuts"][0]["name"] == "My vouchers"
    assert [entry["url"] for entry in chinese["shortcuts"]] == ["/vouchers/", "/stores/"]
    assert english["theme_color"] == colour("surface")


def test_every_page_names_the_manifest_of_its_language() -> None:
    html = Client().get("/", headers={"accept-language": "zh-hans"}).content.decode()
    assert 'rel="manifest" href="/manifest.webmanifest?lang=zh-hans"' in html


def test_icons_are_there_in_their_sizes_and_for_masks() -> None:
    icons = [icon for icon in manifest("en")["icons"] if icon["type"] == "image/png"]
    assert {(icon["sizes"], icon["purpose"]) for icon in icons} == {
        (size, purpose) for size in ("192x192", "512x512") for purpose in ("any", "maskable")
    }
    for icon in icons:
        with Image.open(static_file(icon["src"])) as image:
            assert "{}x{}".format(*image.size) == icon["sizes"]
            if icon["purpose"] == "maskable":
                assert image.mode == "RGB", "a mask cuts it; it has no holes of its own"


def test_the_icons_are_what_the_command_draws(tmp_path: Path) -> None:
    call_command("draw_icons", into=tmp_path, stdout=io.StringIO())
    drawn = sorted(tmp_path.iterdir())
    assert len(drawn) == 5
    for file in drawn:
        kept = static_file(f"img/{file.name}")
        with Image.open(file) as new, Image.open(kept) as old:
            assert new.tobytes() == old.tobytes(), file.name


def static_file(address: str) -> Path:
    return Path(str(finders.find(address.removeprefix(settings.STATIC_URL))))


# The worker ----------------------------------------------------------------------------


def test_the_worker_comes_from_the_root_and_is_never_stale() -> None:
    answer = Client().get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
    facts = json.loads(re.search(r"\.\.\.(\{.*\}) \};", answer.content.decode())[1])
    assert facts["untouched"] == ["/admin/", "/api/"] and facts["unkept"] == ["/console/"]
    assert set(facts["offline"]) == {"en", "zh-hans"}
    assert any(name.endswith(".css") for name in facts["shell"])
    for name in facts["shell"]:
        assert "bundle" in name or static_file(name).exists()


@pytest.mark.parametrize(("language", "words"), [("en", "You are offline"), ("zh-hans", "网络")])
def test_the_offline_page_needs_nobody_and_speaks_both_languages(language: str, words: str) -> None:
    answer = Client().get(reverse("offline_page"), {"lang": language})
    html = answer.content.decode()
    assert words in html and f'lang="{language}"' in html
    assert answer["Cache-Control"] == "no-cache"


# What may be kept ----------------------------------------------------------------------


def test_only_usable_vouchers_and_their_list_may_be_kept(people: Cast, buyer: Client) -> None:
    product = make_product(merchant=people.merchant)
    fresh, used = sell(product, buyer=people.buyer, quantity=2)
    redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=used.code)
    kept = ["/vouchers/", f"/vouchers/{fresh.pk}/", f"/vouchers/{fresh.pk}/qr.svg"]
    for address in kept:
        answer = buyer.get(address)
        account, until = answer[HEADER].split(";")
        assert re.fullmatch(r"[0-9a-f]{16}", account)
        assert int(until) <= fresh.valid_until.timestamp() or address == "/vouchers/"
        assert "no-store" in answer["Cache-Control"], "no other cache may keep it"
    for address in (
        "/",
        f"/vouchers/{used.pk}/",
        f"/vouchers/{used.pk}/qr.svg",
        f"/vouchers/{fresh.pk}/refund/",
        f"/vouchers/{fresh.pk}/voucher.pdf",
        "/vouchers/?tab=used",
        "/vouchers/?q=tea",
        "/orders/",
        "/account/",
    ):
        assert HEADER not in buyer.get(address), address


def test_a_voucher_past_its_end_is_not_kept(people: Cast, buyer: Client) -> None:
    voucher = sell_one(make_product(merchant=people.merchant), buyer=people.buyer)
    with at(voucher.valid_until + dt.timedelta(seconds=1)):
        assert HEADER not in buyer.get(f"/vouchers/{voucher.pk}/")
        assert buyer.get(reverse("voucher_offline")).json()["pages"] == []


def test_every_page_tells_whose_it_is_by_a_name_without_meaning(
    people: Cast, buyer: Client
) -> None:
    def account(client: Client) -> str:
        return re.search(r'name="account"\s+content="([^"]*)"', client.get("/").content.decode())[1]

    other = Client()
    other.force_login(people.stranger)
    assert account(Client()) == ""
    assert len({account(buyer), account(other), ""}) == 3
    assert account(buyer) == buyer.get(reverse("voucher_offline")).json()["account"]


def test_the_list_to_fetch_ahead_is_short_and_notices_changes(people: Cast, buyer: Client) -> None:
    card = make_product(merchant=people.merchant, kind="times_card", uses=3)
    voucher = sell_one(card, buyer=people.buyer)

    def mark() -> str:
        return buyer.get(reverse("voucher_offline")).json()["pages"][0]["mark"]

    before = mark()
    assert mark() == before
    redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)
    assert mark() != before
    sell(make_product(merchant=people.merchant), buyer=people.buyer, quantity=PREFETCHED)
    answer = buyer.get(reverse("voucher_offline")).json()
    assert len(answer["pages"]) == PREFETCHED and not answer["complete"]
    assert Client().get(reverse("voucher_offline")).status_code == 302


def test_logging_out_clears_what_the_browser_stored(buyer: Client) -> None:
    answer = buyer.post(reverse("logout"))
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
