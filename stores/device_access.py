"""On which device somebody works: its token, looked up and judged in one step."""

from __future__ import annotations

from kernel.db.prepared import Prepared
from stores.errors import DeviceNeeded, DeviceOfAnotherStore, DeviceRevoked, DeviceUnknown
from stores.models import Device, Store
from stores.services.devices import token_digest

DEVICE_COOKIE = "device"
DEVICE_HEADER = "Device-Token"
LONGEST_TOKEN = 200

_device_of = Prepared(lambda digest: Device.objects.filter(token_digest=digest).order_by(), str)


def access_device(*, token: str, store_id: int) -> Device | None:
    """Return the device that ``token`` names when it may redeem at the store; None without a token.

    One query, no write. Raises DeviceUnknown for a token that names none, DeviceRevoked,
    DeviceOfAnotherStore.
    """
    if not token:
        return None
    device = _device_of.first(token_digest(token)) if len(token) <= LONGEST_TOKEN else None
    if device is None:
        raise DeviceUnknown
    if device.revoked_at is not None:
        raise DeviceRevoked
    if device.store_id != store_id:
        raise DeviceOfAnotherStore(store=device.store_id)
    return device


def require_device(*, store: Store, device: Device | None) -> None:
    """Raise DeviceNeeded where the store redeems on its own devices only and this is none.

    So a stolen till that "leaves" its enrolment gains nothing.
    """
    if store.devices_only and device is None:
        raise DeviceNeeded


def find_device(*, token: str) -> Device | None:
    """The device that holds ``token``, revoked or not, its store joined; None when it names none."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    rows = Device.objects.select_related("store")
    return rows.filter(token_digest=token_digest(token)).first()
