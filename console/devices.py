"""On which device a page or a program of the counter works."""

from __future__ import annotations

from django.http import HttpRequest
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from stores.device_access import DEVICE_COOKIE, DEVICE_HEADER, access_device
from stores.models import Device
from stores.services.devices import note_device_use
from vouchers.access import access_redemption_for_staff

DEVICE_TOKEN = OpenApiParameter(
    DEVICE_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="The token of an enrolled device. Recorded; a revoked one is refused. Needed "
    "(`device_needed`) at stores that redeem on their own devices only.",
)


def device_of(request: HttpRequest, store_id: int) -> Device | None:
    """The device that this browser is, None for one that was never enrolled.

    Notes that it is used. Raises DeviceUnknown, DeviceRevoked, DeviceOfAnotherStore.
    """
    return _in_use(request.COOKIES.get(DEVICE_COOKIE, ""), store_id)


def device_of_api(request: Request, store_id: int) -> Device | None:
    """The device whose token was sent, None without one. Raises as device_of."""
    return _in_use(request.headers.get(DEVICE_HEADER, ""), store_id)


def device_for_undo(request: Request, redemption_id: int) -> Device | None:
    """As device_of_api, at the redemption's store."""
    if not request.headers.get(DEVICE_HEADER, ""):
        return None
    found = access_redemption_for_staff(user=request.user, redemption_id=redemption_id)
    return device_of_api(request, found.store_id)


def _in_use(token: str, store_id: int) -> Device | None:
    device = access_device(token=token, store_id=store_id)
    if device is not None:
        note_device_use(device=device)
    return device
