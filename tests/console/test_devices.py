"""A redemption records the device it was made on; a revoked device redeems nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from members.services.accounts import issue_token
from stores.device_access import DEVICE_COOKIE
from stores.models import Device
from stores.services.devices import add_device, enrol_device, revoke_device
from stores.services.stores import update_store
from tests.factories import Cast, make_product, make_staff
from tests.vouchers.counter import sell_one
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher


@pytest.fixture
def voucher(people: Cast) -> Voucher:
    return sell_one(make_product(merchant=people.merchant), buyer=people.buyer)


@pytest.fixture
def till(people: Cast) -> tuple[Device, str]:
    made = add_device(store=people.store, name="Till 1", by=people.owner)
    return enrol_device(code=made.code, client="")


def page_client(people: Cast, token: str = "") -> Client:
    client = Client()
    client.force_login(people.clerk)
    if token:
        client.cookies[DEVICE_COOKIE] = token
    return client


def preview(client: Client, people: Cast, code: str) -> Any:
    return client.post(reverse("console_preview", args=[people.store.pk]), {"code": code})


def redeem(client: Client, people: Cast, code: str, key: str = "device-form-key") -> Any:
    data = {"form_key": key, "code": code, "uses": "1"}
    return client.post(reverse("console_redeem", args=[people.store.pk]), data)


def api(people: Cast, token: str, path: str, data: Any, key: str = "device-key-1") -> Any:
    client = APIClient()
    client.credentials(
        HTTP_AUTHORIZATION=f"Bearer {issue_token(user=people.clerk)}",
        HTTP_DEVICE_TOKEN=token,
        HTTP_IDEMPOTENCY_KEY=key,
    )
    return client.post(f"/api/v1/console/{path}", data, format="json")


def test_the_page_records_the_device(
    people: Cast, voucher: Voucher, till: tuple[Device, str]
) -> None:
    client = page_client(people, till[1])
    assert preview(client, people, voucher.code).status_code == 200
    assert redeem(client, people, voucher.code).status_code == 302
    assert Redemption.objects.get().device == till[0]


def test_a_browser_that_was_never_enrolled_redeems_without_one(
    people: Cast, voucher: Voucher
) -> None:
    redeem(page_client(people), people, voucher.code)
    assert Redemption.objects.get().device is None


def test_the_api_records_the_device_and_tells_it(
    people: Cast, voucher: Voucher, till: tuple[Device, str]
) -> None:
    scan = {"store": people.store.pk, "code": voucher.code}
    assert api(people, till[1], "previews", scan).status_code == 200
    answer = api(people, till[1], "redemptions", scan)
    assert (answer.status_code, answer.json()["device"]) == (201, till[0].pk)
    assert Redemption.objects.get().device == till[0]


def test_a_revoked_device_is_refused_on_every_page(
    people: Cast, voucher: Voucher, till: tuple[Device, str]
) -> None:
    client = page_client(people, till[1])
    redeem(client, people, voucher.code)
    done = Redemption.objects.get()
    revoke_device(device_id=till[0].pk, by=people.owner)
    opened = client.get(reverse("console_store", args=[people.store.pk]))
    assert "no longer enrolled" in opened.content.decode(), "before a guest waits"
    assert preview(client, people, voucher.code).status_code == 403
    refused = redeem(client, people, voucher.code, key="another-form-key")
    assert refused.status_code == 403
    assert "no longer enrolled" in refused.content.decode()
    undo = client.post(reverse("console_undo", args=[people.store.pk, done.pk]))
    assert undo.status_code == 403
    done.refresh_from_db()
    assert (Redemption.objects.count(), done.undone_at) == (1, None)


def test_a_revoked_device_is_refused_by_the_api_with_its_name(
    people: Cast, voucher: Voucher, till: tuple[Device, str]
) -> None:
    scan = {"store": people.store.pk, "code": voucher.code}
    done = api(people, till[1], "redemptions", scan).json()
    revoke_device(device_id=till[0].pk, by=people.owner)
    answers = [
        api(people, till[1], "previews", scan),
        api(people, till[1], "redemptions", scan, key="device-key-2"),
        api(people, till[1], f"redemptions/{done['id']}/undo", None, key="device-key-3"),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(403, "device_revoked")] * 3
    assert Redemption.objects.get().undone_at is None


def test_a_device_of_another_store_is_refused(
    people: Cast, voucher: Voucher, till: tuple[Device, str]
) -> None:
    client = page_client(people, till[1])
    client.force_login(people.teammate)
    url = reverse("console_preview", args=[people.other_store.pk])
    refused = client.post(url, {"code": voucher.code})
    assert refused.status_code == 403
    html = refused.content.decode()
    assert "another store" in html
    assert "Not on this device" in html and "Nothing was read" not in html
    assert f'value="{voucher.code}"' in html  # nobody types it again at the right store
    own = reverse("console_store", args=[people.store.pk])
    assert f'href="{own}"' in html and people.store.name in html
    only_here = make_staff(people.other_store)
    client.force_login(only_here)
    told = client.post(url, {"code": voucher.code}).content.decode()
    assert f'href="{own}"' not in told  # they could not work there


def test_a_store_may_redeem_on_its_own_devices_only(
    people: Cast, voucher: Voucher, till: tuple[Device, str]
) -> None:
    done = redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)
    office = Client(headers={"accept-language": "en"})
    office.force_login(people.owner)
    url = reverse("admin:stores_store_change", args=[people.store.pk])
    assert "redeem on enrolled devices only" in office.get(url).content.decode().lower()
    update_store(store=people.store, devices_only=True)
    scan = {"store": people.store.pk, "code": voucher.code}
    answers = [
        api(people, "", "previews", scan),
        api(people, "", "redemptions", scan, key="device-key-4"),
        api(people, "", f"redemptions/{done.pk}/undo", None, key="device-key-5"),
    ]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(403, "device_needed")] * 3
    left = page_client(people, "")
    refused = left.post(reverse("console_preview", args=[people.store.pk]), {"code": voucher.code})
    assert refused.status_code == 403 and "own devices only" in refused.content.decode()
    page = left.post(reverse("console_undo", args=[people.store.pk, done.pk]))
    assert page.status_code == 403
    assert Redemption.objects.get().undone_at is None
    answer = api(people, till[1], f"redemptions/{done.pk}/undo", None, key="device-key-6")
    assert answer.status_code == 200
    assert api(people, till[1], "redemptions", scan, key="device-key-7").status_code == 201


def test_a_token_that_no_device_has_is_not_called_revoked(people: Cast, voucher: Voucher) -> None:
    scan = {"store": people.store.pk, "code": voucher.code}
    answer = api(people, "never-enrolled", "redemptions", scan)
    assert (answer.status_code, answer.json()["code"]) == (403, "device_unknown")
    assert "revoked" not in answer.json()["detail"]
