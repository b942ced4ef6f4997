"""On which device a page or a program of the counter works."""

from __future__ import annotations

from django.http import HttpRequest
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from stores.device_access import DEVICE_COOKIE, DEVICE_HEADER, access_device
from stores.models import Device
from vouchers.access import access_redemption_for_staff

DEVICE_TOKEN = OpenApiParameter(
    DEVICE_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="The token of an enrolled device. Recorded; a revoked one is refused.",
)


def device_of(request: HttpRequest, store_id: int) -> Device | None:
    """The device that this browser is, None for one that was never enrolled.

    Raises DeviceRevoked, DeviceOfAnotherStore.
    """
    return access_device(token=request.COOKIES.get(DEVICE_COOKIE, ""), store_id=store_id)


def device_of_api(request: Request, store_id: int) -> Device | None:
    """The device whose token was sent, None without one. Raises as device_of."""
    return access_device(token=request.headers.get(DEVICE_HEADER, ""), store_id=store_id)


def refuse_revoked_for_undo(request: Request, redemption_id: int) -> None:
    """Raise as device_of when the token that was sent may not work at the redemption's store."""
    if request.headers.get(DEVICE_HEADER, ""):
        found = access_redemption_for_staff(user=request.user, redemption_id=redemption_id)
        device_of_api(request, found.store_id)
