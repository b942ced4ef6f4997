"""On which device somebody works: its token, looked up and judged in one step."""

from __future__ import annotations

import datetime as dt

from kernel.clock import now
from kernel.db.prepared import Prepared
from stores.errors import DeviceOfAnotherStore, DeviceRevoked
from stores.models import Device
from stores.services.devices import SEEN_EVERY, token_digest

DEVICE_COOKIE = "device"
DEVICE_HEADER = "Device-Token"
LONGEST_TOKEN = 200

_device_of = Prepared(lambda digest: Device.objects.filter(token_digest=digest).order_by(), str)


def access_device(*, token: str, store_id: int) -> Device | None:
    """Return the device that ``token`` names when it may redeem at the store; None without a token.

    One query; notes at most once in SEEN_EVERY that the device was used. Raises DeviceRevoked
    for a revoked device and for a token that names none, DeviceOfAnotherStore.
    """
    if not token:
        return None
    device = _device_of.first(token_digest(token)) if len(token) <= LONGEST_TOKEN else None
    if device is None or device.revoked_at is not None:
        raise DeviceRevoked
    if device.store_id != store_id:
        raise DeviceOfAnotherStore
    _note_use(device, now())
    return device


def find_device(*, token: str) -> Device | None:
    """The device that holds ``token``, revoked or not, its store joined; None when it names none."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    rows = Device.objects.select_related("store")
    return rows.filter(token_digest=token_digest(token)).first()


def _note_use(device: Device, moment: dt.datetime) -> None:
    if device.last_seen_at is None or moment - device.last_seen_at >= SEEN_EVERY:
        Device.objects.filter(pk=device.pk).update(last_seen_at=moment)
