"""A device belongs to one store, is enrolled once by a code of ten minutes, and ends when revoked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from kernel.clock import at, now
from kernel.errors import InvalidInput, NotFound, TooManyAttempts
from members.services.accounts import issue_token
from stores.device_access import DEVICE_COOKIE, access_device
from stores.errors import (
    DeviceCodeWrong,
    DeviceOfAnotherStore,
    DeviceRevoked,
    DeviceUnknown,
    NotTrading,
    RightMissing,
)
from stores.models import Device, Merchant
from stores.services.devices import (
    ADDRESS_GUESSES,
    CODE_VALID,
    GUESSES,
    SEEN_EVERY,
    add_device,
    enrol_device,
    note_device_use,
    renew_device_code,
    revoke_device,
)
from tests.factories import Cast, cast, make_merchant, make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


def code_of(people: Cast, name: str = "Till 1") -> str:
    return add_device(store=people.store, name=name, by=people.owner).code


def enrolled(people: Cast) -> tuple[Device, str]:
    return enrol_device(code=code_of(people), client="")


def test_a_code_enrols_one_device_once(people: Cast) -> None:
    code = code_of(people)
    device, token = enrol_device(code=f"{code[:4]} {code[4:]}", client="")
    assert (device.store, device.name, device.state) == (people.store, "Till 1", "working")
    assert access_device(token=token, store_id=people.store.pk) == device
    with pytest.raises(DeviceCodeWrong):
        enrol_device(code=code, client="")


def test_a_code_is_good_for_ten_minutes(people: Cast) -> None:
    code = code_of(people)
    with at(now() + CODE_VALID), pytest.raises(DeviceCodeWrong):
        enrol_device(code=code, client="")


def test_neither_code_nor_token_can_be_read_back(people: Cast) -> None:
    code = code_of(people)
    device, token = enrol_device(code=code, client="")
    kept = str(Device.objects.filter(pk=device.pk).values().get())
    history = str(list(device.events.values()))  # type: ignore[attr-defined]
    for secret in (code, token):
        assert secret not in kept + history


def test_a_new_code_replaces_the_old_one_and_the_token_ends_when_it_is_used(people: Cast) -> None:
    device, token = enrolled(people)
    first = renew_device_code(device_id=device.pk, by=people.owner).code
    second = renew_device_code(device_id=device.pk, by=people.owner).code
    with pytest.raises(DeviceCodeWrong):
        enrol_device(code=first, client="")
    assert access_device(token=token, store_id=people.store.pk) == device
    _same, new_token = enrol_device(code=second, client="")
    with pytest.raises(DeviceUnknown):
        access_device(token=token, store_id=people.store.pk)
    assert access_device(token=new_token, store_id=people.store.pk) == device


def test_a_revoked_device_opens_nothing_and_gets_no_code(people: Cast) -> None:
    device, token = enrolled(people)
    assert revoke_device(device_id=device.pk, by=people.owner).state == "revoked"
    first = Device.objects.get(pk=device.pk).revoked_at
    revoke_device(device_id=device.pk, by=people.owner)
    assert Device.objects.get(pk=device.pk).revoked_at == first
    with pytest.raises(DeviceRevoked):
        access_device(token=token, store_id=people.store.pk)
    with pytest.raises(DeviceRevoked, match="Add it as a new device"):
        renew_device_code(device_id=device.pk, by=people.owner)


def test_a_code_that_still_waits_ends_with_the_device(people: Cast) -> None:
    made = add_device(store=people.store, name="Till 1", by=people.owner)
    revoke_device(device_id=made.device.pk, by=people.owner)
    with pytest.raises(DeviceCodeWrong):
        enrol_device(code=made.code, client="")


def test_a_device_belongs_to_one_store(people: Cast) -> None:
    _device, token = enrolled(people)
    second = make_store(merchant=people.merchant)
    with pytest.raises(DeviceOfAnotherStore):
        access_device(token=token, store_id=second.pk)


def test_a_token_that_names_no_device_is_refused_and_none_at_all_is_not(people: Cast) -> None:
    assert access_device(token="", store_id=people.store.pk) is None
    for token in ("guess", "x" * 5000, "\udcff"):
        with pytest.raises(DeviceUnknown):
            access_device(token=token, store_id=people.store.pk)


def test_guesses_are_counted_per_address_and_a_right_code_is_none(
    people: Cast, settings: Any
) -> None:
    settings.RATE_LIMITS = True
    for number in range(GUESSES):
        enrol_device(code=code_of(people, f"Till {number}"), client="198.51.100.7")
    for _guess in range(ADDRESS_GUESSES):
        with pytest.raises(DeviceCodeWrong):
            enrol_device(code="12345678", client="198.51.100.7")
    code = code_of(people, "Till Z")
    with pytest.raises(TooManyAttempts):
        enrol_device(code=code, client="198.51.100.7")
    enrol_device(code=code, client="203.0.113.9")


def test_a_guesser_with_a_fresh_browser_for_each_guess_is_stopped_at_the_address(
    people: Cast, settings: Any
) -> None:
    settings.RATE_LIMITS = True
    code = code_of(people)
    for guess in range(ADDRESS_GUESSES):
        with pytest.raises(DeviceCodeWrong):
            enrol_device(code="12345678", client="198.51.100.7", browser=f"browser {guess}")
    with pytest.raises(TooManyAttempts):
        enrol_device(code=code, client="198.51.100.7", browser="one more")
    enrol_device(code=code, client="203.0.113.9", browser="one more")


def test_strangers_at_the_address_do_not_stop_who_works_there(people: Cast, settings: Any) -> None:
    settings.RATE_LIMITS = True
    for _guess in range(ADDRESS_GUESSES):
        with pytest.raises(DeviceCodeWrong):
            enrol_device(code="12345678", client="198.51.100.7", by=AnonymousUser())
    code = code_of(people)
    with pytest.raises(TooManyAttempts):
        enrol_device(code=code, client="198.51.100.7", by=people.buyer)
    for _guess in range(GUESSES):
        with pytest.raises(DeviceCodeWrong):
            enrol_device(code="12345678", client="203.0.113.9", by=people.clerk)
    with pytest.raises(TooManyAttempts):
        enrol_device(code=code, client="203.0.113.9", by=people.clerk)
    enrol_device(code=code, client="198.51.100.7", by=people.owner)


def test_many_accounts_of_staff_do_not_guess_from_one_address(people: Cast, settings: Any) -> None:
    settings.RATE_LIMITS = True
    for _batch in range(ADDRESS_GUESSES // GUESSES):
        clerk = make_staff(people.store)
        for _guess in range(GUESSES):
            with pytest.raises(DeviceCodeWrong):
                enrol_device(code="12345678", client="198.51.100.7", by=clerk)
    code = code_of(people)
    with pytest.raises(TooManyAttempts):
        enrol_device(code=code, client="198.51.100.7", by=make_staff(people.store))
    enrol_device(code=code, client="203.0.113.9", by=people.clerk)


def test_only_who_runs_the_business_adds_and_revokes(people: Cast) -> None:
    device, _token = enrolled(people)
    stranger = make_merchant().applicant
    strangers = (people.buyer, stranger)
    for by, refusal in ((people.clerk, RightMissing), *((one, NotFound) for one in strangers)):
        with pytest.raises(refusal):
            add_device(store=people.store, name="Till 2", by=by)
        with pytest.raises(refusal):
            revoke_device(device_id=device.pk, by=by)
    add_device(store=people.store, name="Till 2", by=people.operator)


def test_a_suspended_business_adds_none_but_may_revoke(people: Cast) -> None:
    device, _token = enrolled(people)
    Merchant.objects.filter(pk=people.merchant.pk).update(state="suspended")
    with pytest.raises(NotTrading):
        add_device(store=people.store, name="Till 2", by=people.owner)
    with pytest.raises(NotTrading):
        renew_device_code(device_id=device.pk, by=people.owner)
    revoke_device(device_id=device.pk, by=people.owner)


@pytest.mark.parametrize("name", ["", " \u200b", "Till\u202e1", "T" * 61])
def test_a_name_that_nobody_can_read_is_refused(name: str, people: Cast) -> None:
    with pytest.raises(InvalidInput):
        add_device(store=people.store, name=name, by=people.owner)


def test_two_devices_of_a_store_that_work_have_two_names(people: Cast) -> None:
    first = add_device(store=people.store, name="Till 1", by=people.owner).device
    with pytest.raises(InvalidInput) as refused:
        add_device(store=people.store, name="till 1", by=people.owner)
    assert set(refused.value.by_field) == {"name"}
    revoke_device(device_id=first.pk, by=people.owner)
    add_device(store=people.store, name="Till 1", by=people.owner)


def test_the_last_use_is_written_down_once_in_a_while(people: Cast) -> None:
    device, token = enrolled(people)
    first = Device.objects.get(pk=device.pk).last_seen_at
    access_device(token=token, store_id=people.store.pk)  # looking it up writes nothing
    with at(now() + SEEN_EVERY / 2):
        note_device_use(device=Device.objects.get(pk=device.pk))
    assert Device.objects.get(pk=device.pk).last_seen_at == first
    with at(now() + SEEN_EVERY * 2):
        access_device(token=token, store_id=people.store.pk)
        assert Device.objects.get(pk=device.pk).last_seen_at == first
        note_device_use(device=Device.objects.get(pk=device.pk))
        assert Device.objects.get(pk=device.pk).last_seen_at == now()


# API and pages ---------------------------------------------------------------------------


def caller(user: Any) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user=user)}")
    return client


def test_the_api_adds_enrols_lists_and_revokes(people: Cast) -> None:
    owner = caller(people.owner)
    data = {"store": people.store.pk, "name": "Till 1"}
    made = owner.post("/api/v1/device-codes", data, format="json").json()
    answer = APIClient().post("/api/v1/devices", {"code": made["code"]}, format="json")
    assert answer.status_code == 201
    device = Device.objects.get(pk=answer.json()["device"]["id"])
    token = answer.json()["token"]
    assert access_device(token=token, store_id=people.store.pk) == device
    assert [row["state"] for row in owner.get("/api/v1/devices").json()["results"]] == ["working"]
    again = owner.post(f"/api/v1/devices/{device.pk}/code").json()
    assert again["code_expires_at"] is not None
    assert owner.post(f"/api/v1/devices/{device.pk}/revoke").json()["state"] == "revoked"
    wrong = APIClient().post("/api/v1/devices", {"code": again["code"]}, format="json")
    assert (wrong.status_code, wrong.json()["code"]) == (404, "device_code_wrong")


def test_the_back_office_shows_the_code_once_and_the_page_enrols_with_it(people: Cast) -> None:
    office = Client()
    office.force_login(people.owner)
    shown = office.post(
        reverse("admin:stores_device_add"), {"store": people.store.pk, "name": "Till 1"}
    )
    assert shown.status_code == 200
    code = shown.context["code"]
    assert "<svg" in shown.content.decode()
    device = Device.objects.get()
    page = office.get(reverse("admin:stores_device_change", args=[device.pk]))
    assert code not in page.content.decode()
    till = Client()
    url = reverse("console_enrol")
    assert code.replace(" ", "") in till.get(f"{url}?code={code}").content.decode().replace(" ", "")
    assert till.post(url, {"code": code}).status_code == 302
    assert till.cookies[DEVICE_COOKIE]["httponly"]
    assert people.store.name in till.get(url).content.decode()
    till.post(url, {"answer": "leave"})
    assert people.store.name not in till.get(url).content.decode()


def test_the_back_office_gives_a_new_code_for_one_device_and_revokes_several(people: Cast) -> None:
    office = Client()
    office.force_login(people.owner)
    rows = [add_device(store=people.store, name=name, by=people.owner).device for name in "AB"]
    url = reverse("admin:stores_device_changelist")
    both = {"_selected_action": [row.pk for row in rows]}
    sure = {"confirmed": "yes"}
    office.post(url, {"action": "new_code", **both, **sure})
    one = office.post(url, {"action": "new_code", "_selected_action": [rows[0].pk], **sure})
    device, _token = enrol_device(code=one.context["code"], client="")
    assert device == rows[0]
    office.post(url, {"action": "revoke", "confirmed": "yes", **both})
    assert {row.state for row in Device.objects.all()} == {"revoked"}


def test_a_wrong_code_on_the_page_says_so_and_sets_nothing(people: Cast) -> None:
    till = Client()
    response = till.post(reverse("console_enrol"), {"code": "0000 0000"})
    assert response.status_code == 404
    assert "enrols no device" in response.content.decode()
    assert DEVICE_COOKIE not in till.cookies


def test_one_browsers_slips_do_not_refuse_a_colleagues_fresh_code(
    people: Cast, settings: Any
) -> None:
    settings.RATE_LIMITS = True
    url, clumsy, till = reverse("console_enrol"), Client(), Client()
    for browser, secret in ((clumsy, "a" * 32), (till, "b" * 32)):
        browser.cookies[settings.CSRF_COOKIE_NAME] = secret
    for _slip in range(GUESSES):
        assert clumsy.post(url, {"code": "12345678"}).status_code == 404
    refused = clumsy.post(url, {"code": code_of(people)}, headers={"accept-language": "en"})
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 15 * 60
    assert re.search(r"Try again in \d+ minute", refused.content.decode())
    assert till.post(url, {"code": code_of(people, "Second till")}).status_code == 302
    assert DEVICE_COOKIE in till.cookies


def test_the_page_of_this_device_is_found(people: Cast) -> None:
    client, enrol = Client(), reverse("console_enrol")
    client.force_login(people.clerk)
    store = reverse("console_store", args=[people.store.pk])
    assert f'href="{enrol}"' in client.get(store).content.decode()
    client.force_login(people.owner)
    assert f'href="{enrol}"' in client.get(reverse("console_home")).content.decode()
    made = client.post(
        reverse("admin:stores_device_add"), {"store": people.store.pk, "name": "New till"}
    ).content.decode()
    assert f"{enrol}</code>" in made


def test_a_device_is_revoked_and_gets_a_code_on_its_own_page(people: Cast) -> None:
    device = add_device(store=people.store, name="Till 9", by=people.owner).device
    office = Client(headers={"accept-language": "en"})
    office.force_login(people.owner)
    page = f"/admin/stores/device/{device.pk}/change/"
    steps = [f"/admin/stores/device/{device.pk}/{path}" for path in ("new-code", "revoke")]
    shown = office.get(page).content.decode()
    assert all(step in shown for step in steps)
    listed = "/admin/stores/device/"
    for step, action, consequence in zip(
        steps,
        ("new_code", "revoke"),
        ("an earlier code ends", "Nothing can be redeemed on these devices any more"),
        strict=True,
    ):
        asked = office.get(step, follow=True).content.decode()
        assert consequence in asked and "Till 9" in asked and f'value="{action}"' in asked
        sure = {"action": action, "_selected_action": [device.pk], "confirmed": "yes"}
        told = office.post(listed, sure, follow=True).content.decode()
        assert "Till 9" in told
    device.refresh_from_db()
    assert device.state == "revoked"
    gone = office.get(page).content.decode()
    assert not any(step in gone for step in steps)
    asked = office.post(listed, {"action": "new_code", "_selected_action": [device.pk]})
    assert "It was revoked and gets no code any more" in asked.content.decode()
