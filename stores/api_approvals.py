"""API: what needs a second person."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
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
from stores.access import lacking, refuse_strangers
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


_WAITING = {
    "id": 41,
    "kind": "payout",
    "payload": {"statement": 512},
    "digest": "9f2b6c0d4e8a1735",
    "state": "waiting",
    "is_open": True,
    "asked_by": "Min Zhao",
    "created_at": "2026-05-12T02:05:00Z",
    "expires_at": "2026-05-15T02:05:00Z",
    "decided_by": None,
    "decided_at": None,
}
_DECIDED = _WAITING | {
    "is_open": False,
    "decided_by": "Kai Zhou",
    "decided_at": "2026-05-12T03:20:00Z",
}
_LISTED = OpenApiExample("A payout that waits", value=_WAITING, response_only=True)
_ASK = OpenApiExample(
    "A payout", value={"kind": "payout", "payload": {"statement": "512"}}, request_only=True
)
_ASKED = OpenApiExample(
    "It waits for somebody else",
    value={"done": False, "approval": _WAITING},
    response_only=True,
    status_codes=["201"],
)
_DIGEST = OpenApiExample("What was read", value={"digest": "9f2b6c0d4e8a1735"}, request_only=True)
_AGREED = OpenApiExample("Agreed", value=_DECIDED | {"state": "done"}, response_only=True)
_REJECTED = OpenApiExample(
    "Turned down", value=_DECIDED | {"state": "rejected"}, response_only=True
)
_WITHDRAWN = OpenApiExample(
    "Taken back",
    value=_DECIDED | {"state": "withdrawn", "decided_by": "Min Zhao"},
    response_only=True,
)


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
        examples=[_LISTED],
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
        description="A newer request takes the place of one that waits about the same; exactly the same "
        "contract is refused (`already_asked`, `contract_exists`).",
        request=AskSerializer,
        responses={201: AskedSerializer},
        examples=[_ASK, _ASKED],
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
        description="Refusals: `second_person_needed`, `approval_changed`, `approval_gone`, "
        "`asker_lost_right`.",
        request=DigestSerializer,
        responses=ApprovalSerializer,
        examples=[_DIGEST, _AGREED],
    )
    def post(self, request: Request, pk: int) -> Response:
        refuse_strangers(request.user)
        values = read_body(DigestSerializer, request.data)
        done = approve(approval_id=pk, digest=values["digest"], by=request.user)
        return Response(ApprovalSerializer(done).data)


class ApprovalRejectView(APIView):
    scope = Scope.APPROVALS_WRITE

    @extend_schema(
        tags=["approvals"],
        operation_id="approvals_reject",
        summary="Turn a request down, or withdraw your own",
        description="Refused as `approval_gone` once it is decided or too old.",
        request=None,
        responses=ApprovalSerializer,
        examples=[_REJECTED],
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
        examples=[_WITHDRAWN],
    )
    def post(self, request: Request, pk: int) -> Response:
        return Response(ApprovalSerializer(withdraw(approval_id=pk, by=request.user)).data)


def _refuse_strangers(request: Request) -> None:
    """Raise `lacking` for who may ask for nothing of this sort."""
    asked = {kind.right for kind in KINDS.values()}
    if asked.isdisjoint(platform_rights(request.user)):
        raise lacking(request.user, *asked)
