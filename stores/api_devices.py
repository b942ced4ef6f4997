"""API: devices of a store, enrolled with a one-time code."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.errors import NotFound
from kernel.http.bodies import read_body
from kernel.http.fields import MomentField, WholeField
from kernel.http.limits import client_address
from kernel.http.scopes import OPEN, Scope
from stores.access import lacking, refuse_strangers
from stores.models import Device, Store
from stores.rights import Right, platform_rights, stores_where
from stores.services.devices import (
    NewCode,
    add_device,
    devices_of,
    enrol_device,
    renew_device_code,
    revoke_device,
)


class DeviceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    store = serializers.IntegerField(source="store_id", read_only=True)
    state = serializers.ChoiceField(choices=Device.State.choices, read_only=True)
    enrolled_at = MomentField(read_only=True, allow_null=True)
    last_seen_at = MomentField(read_only=True, allow_null=True)
    revoked_at = MomentField(read_only=True, allow_null=True)


class NewDeviceSerializer(serializers.Serializer[Any]):
    store = WholeField(min_value=1, max_value=2**63 - 1)
    name = serializers.CharField(max_length=60, help_text="Such as “Till 1”.")


class DeviceCodeSerializer(serializers.Serializer[Any]):
    """A code is told once."""

    device = DeviceSerializer(read_only=True)
    code = serializers.CharField(read_only=True, help_text="Eight digits, good once.")
    code_expires_at = MomentField(source="device.code_expires_at", read_only=True)


class EnrolSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=40, help_text="The eight digits.")


class EnrolledSerializer(serializers.Serializer[Any]):
    device = DeviceSerializer(read_only=True)
    token = serializers.CharField(
        read_only=True,
        help_text="Told once. Send it as Device-Token with previews, redemptions and undos.",
    )


_NEW = {
    "id": 7,
    "name": "Till 1",
    "store": 3,
    "state": "waiting",
    "enrolled_at": None,
    "last_seen_at": None,
    "revoked_at": None,
}
_ENROLLED = _NEW | {
    "state": "working",
    "enrolled_at": "2026-05-12T01:02:00Z",
    "last_seen_at": "2026-05-12T10:40:00Z",
}
_LISTED = OpenApiExample("A till at work", value=_ENROLLED, response_only=True)
_CODE = OpenApiExample("The eight digits", value={"code": "4821 0937"}, request_only=True)
_TOKEN = OpenApiExample(
    "Its token, told once",
    value={"device": _ENROLLED, "token": "dev_0000000000000000000000000000000000000000000"},
    response_only=True,
    status_codes=["201"],
)
_ADD = OpenApiExample("A till", value={"store": 3, "name": "Till 1"}, request_only=True)
_CODE_TOLD = {"device": _NEW, "code": "4821 0937", "code_expires_at": "2026-05-12T01:10:00Z"}
_ADDED = OpenApiExample(
    "Its code, told once", value=_CODE_TOLD, response_only=True, status_codes=["201"]
)
_RENEWED = OpenApiExample("A new code, told once", value=_CODE_TOLD, response_only=True)
_REVOKED = OpenApiExample(
    "A till that was lost",
    value=_ENROLLED | {"state": "revoked", "revoked_at": "2026-05-13T08:00:00Z"},
    response_only=True,
)


class DevicesView(GenericAPIView[Device]):
    """Enrolling needs the code alone; the list is for who runs the business."""

    scope = {"GET": Scope.DEVICES_READ, "POST": OPEN}
    queryset = Device.objects.none()
    serializer_class = DeviceSerializer

    def get_permissions(self) -> list[Any]:
        return [AllowAny()] if self.request.method == "POST" else [*super().get_permissions()]

    @extend_schema(
        tags=["devices"],
        operation_id="devices_list",
        summary="List devices",
        description="Of the businesses you run, the newest first.",
        responses=DeviceSerializer(many=True),
        examples=[_LISTED],
    )
    def get(self, request: Request) -> Response:
        user: Any = request.user
        if not _manages(user):
            raise lacking(user, Right.MANAGE_DEVICES)
        page = self.paginate_queryset(devices_of(request.user)) or []
        return self.get_paginated_response(DeviceSerializer(page, many=True).data)

    @extend_schema(
        tags=["devices"],
        operation_id="devices_enrol",
        summary="Enrol a device",
        description="With the one-time code that who runs the business was shown. Refused as `device_code_wrong` "
        "for one that is wrong, used or too old, as `try_later` after too many of them.",
        request=EnrolSerializer,
        responses={201: EnrolledSerializer},
        examples=[_CODE, _TOKEN],
    )
    def post(self, request: Request) -> Response:
        values = read_body(EnrolSerializer, request.data)
        device, token = enrol_device(
            code=values["code"], client=client_address(request._request), by=request.user
        )
        answer = EnrolledSerializer({"device": device, "token": token}).data
        return Response(answer, status=status.HTTP_201_CREATED)


class DeviceCodesView(APIView):
    scope = Scope.DEVICES_WRITE

    @extend_schema(
        tags=["devices"],
        operation_id="device_codes_create",
        summary="Add a device",
        description="Answers with the code that enrols it within ten minutes.",
        request=NewDeviceSerializer,
        responses={201: DeviceCodeSerializer},
        examples=[_ADD, _ADDED],
    )
    def post(self, request: Request) -> Response:
        refuse_strangers(request.user)
        values = read_body(NewDeviceSerializer, request.data)
        store = Store.objects.filter(pk=values["store"]).first()
        if store is None:
            raise NotFound
        made = add_device(store=store, name=values["name"], by=request.user)
        return _code(made, status.HTTP_201_CREATED)


class DeviceCodeView(APIView):
    scope = Scope.DEVICES_WRITE

    @extend_schema(
        tags=["devices"],
        operation_id="device_codes_renew",
        summary="Give a device a new code",
        description="For a code that has run out, or a device that has lost its token.",
        request=None,
        responses=DeviceCodeSerializer,
        examples=[_RENEWED],
    )
    def post(self, request: Request, pk: int) -> Response:
        return _code(renew_device_code(device_id=pk, by=request.user), status.HTTP_200_OK)


class DeviceRevokeView(APIView):
    scope = Scope.DEVICES_WRITE

    @extend_schema(
        tags=["devices"],
        operation_id="devices_revoke",
        summary="Revoke a device",
        description="Nothing can be redeemed with its token from now on. Safe to repeat.",
        request=None,
        responses=DeviceSerializer,
        examples=[_REVOKED],
    )
    def post(self, request: Request, pk: int) -> Response:
        return Response(DeviceSerializer(revoke_device(device_id=pk, by=request.user)).data)


def _code(made: NewCode, answer_status: int) -> Response:
    return Response(DeviceCodeSerializer(made).data, status=answer_status)


def _manages(user: Any) -> bool:
    """Whether ``user`` manages the devices of any store."""
    if Right.MANAGE_DEVICES in platform_rights(user):
        return True
    return stores_where(user, Right.MANAGE_DEVICES).exists()
