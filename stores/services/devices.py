"""Devices of a store: added, enrolled with a one-time code, revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.http.limits import give_back, hit_all
from kernel.http.places import address_of
from kernel.http.seo.public import absolute
from kernel.ids import clean_code, new_token
from kernel.plaintext import clean_name
from stores.access import access_row, lacking_at, refuse_unless_trading, role_of
from stores.errors import DeviceCodeWrong, DeviceRevoked
from stores.models import Device, Store
from stores.rights import Right, may, platform_rights, stores_where

CODE_DIGITS = 8
CODE_VALID = dt.timedelta(minutes=10)
GUESSES, ADDRESS_GUESSES, GUESS_SECONDS = 10, 60, 15 * 60
"""Wrong codes of one browser, and of everybody at one address, within a quarter of an hour.

A visitor's slips end that visitor's turn long before those of a whole shop behind one address.
Guessing stays hopeless: a code is one of 10^8 and lives ten minutes, so with ten codes waiting
at any moment 60 guesses hit one with 6 in a million; an address that never rests needs
1200 days for an even chance, and a device opens nothing alone.
"""
SEEN_EVERY = dt.timedelta(minutes=1)
"""How exact "last used" is: no write for each scan."""
MOST_TRIES = 5


class NewCode(NamedTuple):
    """A device and the code that enrols it, which is told once and kept nowhere."""

    device: Device
    code: str


def devices_of(user: Any) -> Any:
    """The devices that ``user`` may see and revoke; all of them for the operator."""
    rows = Device.objects.select_related("store__merchant", "added_by")
    if Right.MANAGE_DEVICES in platform_rights(user):
        return rows
    return rows.filter(store__in=stores_where(user, Right.MANAGE_DEVICES))


def check_device(*, store: Store, name: str, by: Any) -> str:
    """Return the name as it is kept when ``by`` may add a device to the store; writes nothing.

    Raises NotFound for a store that is not theirs, NotTrading, InvalidInput for the name.
    """
    if not may(by, Right.MANAGE_DEVICES, store_id=store.pk):
        raise lacking_at(by, Right.MANAGE_DEVICES, store_id=store.pk)
    refuse_unless_trading(merchant_id=store.merchant_id, by=by)
    try:
        clean = clean_name(name)
        Device(store=store, merchant_id=store.merchant_id, name=clean).clean_fields(
            exclude=["merchant", "store", "added_by"]
        )
    except ValidationError as error:
        reasons = error.message_dict if hasattr(error, "error_dict") else {"name": error.messages}
        raise InvalidInput(fields=reasons) from None
    if Device.objects.filter(store=store, name__iexact=clean, revoked_at=None).exists():
        text = gettext(
            "This store has a device of that name. Choose another name, or revoke that one."
        )
        raise InvalidInput(fields={"name": [text]})
    return clean


def add_device(*, store: Store, name: str, by: Any) -> NewCode:
    """Write a device of ``store`` that waits for its code, and return both.

    The code has eight digits and enrols one device within CODE_VALID. Errors as check_device.
    """
    device = Device(
        merchant_id=store.merchant_id,
        store=store,
        name=check_device(store=store, name=name, by=by),
        added_by=by,
    )
    return _give_code(device)


def renew_device_code(*, device_id: int, by: Any) -> NewCode:
    """Give a device that was not revoked a new code; an earlier code dies, a token stays.

    For a code that has run out, and for a browser that has lost its cookie. Raises NotFound,
    NotTrading, DeviceRevoked.
    """
    device = _own(device_id, by)
    if device.revoked_at:
        text = gettext(
            "This device was revoked, and it stays so. Add it as a new device: that gives the code. "
            "Nothing was changed."
        )
        raise DeviceRevoked(text)
    return _give_code(device)


def enrol_device(
    *, code: str, client: str, browser: str = "", by: Any = None
) -> tuple[Device, str]:
    """Enrol the device that ``code`` was made for; return it and its token, told only now.

    Guesses count for the person who is signed in (``by``) where they work for somebody, else for
    ``browser`` (a secret of its cookie, "" where it has none), before they count for the address
    ``client`` (kernel.http.limits.client_address); staff have a count of their own there, which
    strangers at the same address do not use up. The code
    dies; a token that the device had before dies, too. Raises DeviceCodeWrong for every code that
    enrols nothing, and TooManyAttempts after GUESSES of a person or browser or ADDRESS_GUESSES of
    an address.
    """
    guesses = hit_all(_guess_limits(client, browser, by))
    digits = clean_code(code)
    if len(digits) != CODE_DIGITS:
        raise DeviceCodeWrong
    token, moment = new_token(), now()
    with transaction.atomic():
        device = (
            Device.objects.select_related("store__merchant")
            .select_for_update(of=("self",), no_key=True)
            .filter(
                code_digest=_code_digest(digits),
                code_expires_at__gt=moment,
                revoked_at__isnull=True,
            )
            .first()
        )
        if device is None:
            raise DeviceCodeWrong
        device.token_digest, device.code_digest = token_digest(token), ""
        device.code_expires_at, device.enrolled_at = None, moment
        device.last_seen_at = moment
        device.save(
            update_fields=[
                "token_digest",
                "code_digest",
                "code_expires_at",
                "enrolled_at",
                "last_seen_at",
            ]
        )
    give_back(guesses)
    return device, token


def _guess_limits(client: str, browser: str, by: Any) -> list[tuple[str, str, int, int]]:
    if by is not None and by.is_authenticated and role_of(by) != "customer":
        return [
            ("device-code-person", str(by.pk), GUESSES, GUESS_SECONDS),
            ("device-code-staff", client, ADDRESS_GUESSES, GUESS_SECONDS),
        ]
    address = ("device-code", client, ADDRESS_GUESSES, GUESS_SECONDS)
    if browser:
        return [("device-code-browser", browser, GUESSES, GUESS_SECONDS), address]
    return [address]


def note_device_use(*, device: Device) -> None:
    """Write down that a device is used now; at most once in SEEN_EVERY."""
    moment = now()
    if device.last_seen_at is None or moment - device.last_seen_at >= SEEN_EVERY:
        Device.objects.filter(pk=device.pk).update(last_seen_at=moment)


def revoke_device(*, device_id: int, by: Any) -> Device:
    """End a device: its code and its token open nothing from now on. Safe to repeat.

    A suspended business may revoke as well: that only closes a door. Raises NotFound.
    """
    device = _own(device_id, by, trading=False)
    Device.objects.filter(pk=device.pk, revoked_at__isnull=True).update(
        revoked_at=now(), revoked_by=by, code_digest="", code_expires_at=None
    )
    device.refresh_from_db(fields=["revoked_at", "revoked_by", "code_expires_at"])
    return device


def enrolment_url(code: str) -> str:
    """The address inside the QR code: the console's page with the code filled in."""
    return f"{absolute(address_of('enrol'))}?code={code}"


def token_digest(token: str) -> str:
    """The stored form of a device's token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _give_code(device: Device) -> NewCode:
    """Save the device with a code that no other one waits for."""
    for _try in range(MOST_TRIES):
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        device.code_digest, device.code_expires_at = _code_digest(code), now() + CODE_VALID
        try:
            with transaction.atomic():
                device.save()
        except IntegrityError:  # pragma: no cover - one in a hundred million
            continue
        return NewCode(device, code)
    raise DeviceCodeWrong  # pragma: no cover


def _code_digest(code: str) -> str:
    """Keyed: eight digits behind a bare hash would be found by trying them all."""
    return salted_hmac("stores.Device.code", code, algorithm="sha256").hexdigest()


def _own(device_id: int, by: Any, *, trading: bool = True) -> Device:
    rows = devices_of(by)
    device = access_row(rows, user=by, right=Right.MANAGE_DEVICES, pk=device_id)
    if trading:
        refuse_unless_trading(merchant_id=device.merchant_id, by=by)
    return device
