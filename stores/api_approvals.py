"""API: what needs a second person."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.errors import NotFound
from kernel.http.api_paging import read_params
from kernel.http.bodies import read_body
from kernel.http.fields import MomentField
from kernel.http.scopes import Scope
from stores.approvals import KINDS
from stores.models import Approval
from stores.rights import platform_rights
from stores.services.approvals import approvals_for, approve, ask, reject, withdraw


class ApprovalSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    kind = serializers.CharField(read_only=True)
    payload = serializers.JSONField(read_only=True, help_text="What exactly is asked for.")
    digest = serializers.CharField(
        read_only=True, help_text="Send it back to agree to exactly this."
    )
    state = serializers.ChoiceField(choices=Approval.State.choices, read_only=True)
    is_open = serializers.BooleanField(read_only=True)
    asked_by = serializers.CharField(source="asked_by.display_name", read_only=True)
    created_at = MomentField(read_only=True)
    expires_at = MomentField(read_only=True)
    decided_by = serializers.CharField(
        source="decided_by.display_name", read_only=True, allow_null=True, default=None
    )
    decided_at = MomentField(read_only=True, allow_null=True)


class ApprovalParams(serializers.Serializer[Any]):
    state = serializers.ChoiceField(
        choices=Approval.State.choices, required=False, help_text="Only those in this state."
    )


class AskSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(
        max_length=40,
        help_text="payout, write_off, contract, commission, platform_owner, platform_role",
    )
    payload = serializers.DictField(
        child=serializers.JSONField(allow_null=True),
        help_text="payout, write_off: statement; commission: merchant, to; platform_owner: user; "
        "platform_role: user, role; contract: merchant, rate, starts_at, and if it is so category, "
        "campaign, fixed_fen, ends_at, platform_in_base, points_in_base, partners_in_base. "
        "Ids and fen are whole numbers, switches true or false, moments have their zone.",
    )


class AskedSerializer(serializers.Serializer[Any]):
    done = serializers.BooleanField(
        help_text="True where the operator works alone (APPROVALS=off)."
    )
    approval = ApprovalSerializer(allow_null=True)


class DigestSerializer(serializers.Serializer[Any]):
    digest = serializers.CharField(max_length=64)


class ApprovalsView(GenericAPIView[Approval]):
    scope = {"GET": Scope.APPROVALS_READ, "POST": Scope.APPROVALS_WRITE}
    queryset = Approval.objects.none()
    serializer_class = ApprovalSerializer

    @extend_schema(
        tags=["approvals"],
        operation_id="approvals_list",
        summary="List what waits, and what was decided",
        description="Of the kinds that your role may ask for, the newest first.",
        parameters=[ApprovalParams],
        responses=ApprovalSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        _refuse_strangers(request)
        rows = approvals_for(request.user)
        if state := read_params(ApprovalParams, request).get("state"):
            rows = rows.filter(state=state)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(ApprovalSerializer(page, many=True).data)

    @extend_schema(
        tags=["approvals"],
        operation_id="approvals_ask",
        summary="Ask for something that needs a second person",
        request=AskSerializer,
        responses={201: AskedSerializer},
    )
    def post(self, request: Request) -> Response:
        _refuse_strangers(request)
        values = read_body(AskSerializer, request.data)
        kind, payload = values["kind"], values["payload"]
        if kind not in KINDS:
            raise NotFound
        made = ask(kind=kind, payload=payload, by=request.user)
        answer = {"done": made is None, "approval": made}
        return Response(AskedSerializer(answer).data, status=status.HTTP_201_CREATED)


class ApprovalAgreeView(APIView):
    scope = Scope.APPROVALS_WRITE

    @extend_schema(
        tags=["approvals"],
        operation_id="approvals_agree",
        summary="Agree, as the second person, to exactly this",
        description="Refusals: `second_person_needed`, `approval_changed`, `approval_gone`.",
        request=DigestSerializer,
        responses=ApprovalSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        _refuse_strangers(request)
        values = read_body(DigestSerializer, request.data)
        done = approve(approval_id=pk, digest=values["digest"], by=request.user)
        return Response(ApprovalSerializer(done).data)


class ApprovalRejectView(APIView):
    scope = Scope.APPROVALS_WRITE

    @extend_schema(
        tags=["approvals"],
        operation_id="approvals_reject",
        summary="Turn a request down, or withdraw your own",
        request=None,
        responses=ApprovalSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        return Response(ApprovalSerializer(reject(approval_id=pk, by=request.user)).data)


class ApprovalWithdrawView(APIView):
    scope = Scope.APPROVALS_WRITE

    @extend_schema(
        tags=["approvals"],
        operation_id="approvals_withdraw",
        summary="Take back what you have asked for",
        description="Refusals: `not_asker`, `approval_gone`.",
        request=None,
        responses=ApprovalSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        return Response(ApprovalSerializer(withdraw(approval_id=pk, by=request.user)).data)


def _refuse_strangers(request: Request) -> None:
    rights = platform_rights(request.user)
    if not any(kind.right in rights for kind in KINDS.values()):
        raise NotFound
