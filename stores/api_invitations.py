"""API: invite people to work for a merchant, and answer an invitation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.http.bodies import read_body
from kernel.http.fields import MailField, MomentField, PlainTextField
from kernel.http.scopes import OPEN, Scope
from stores.access import lacking, merchants_for, refuse_strangers
from stores.api import MerchantBriefSerializer
from stores.api_places import ids_field, named_groups, named_stores, one_merchant
from stores.models import StaffInvitation, StaffMembership
from stores.rights import Right
from stores.services.invitations import (
    NAME_MAX_LENGTH,
    accept_invitation,
    decline_invitation,
    find_invitation,
    invitations_of,
    invite_by_link,
    invite_staff,
    renew_link,
    revoke_invitation,
    send_invitation_again,
)
from stores.services.staff import is_limited


class InvitationInputSerializer(serializers.Serializer[Any]):
    merchant = serializers.SlugField(
        required=False, max_length=80, help_text="Slug; may be left out by who runs one business."
    )
    email = MailField(
        max_length=254,
        required=False,
        allow_blank=True,
        default="",
        help_text="Left out: the answer has a link that you hand over yourself.",
    )
    name = PlainTextField(
        max_length=NAME_MAX_LENGTH,
        required=False,
        allow_blank=True,
        default="",
        help_text="For whom the invitation is.",
    )
    role = serializers.ChoiceField(choices=StaffMembership.Role.choices)
    stores = ids_field(
        default=list,
        help_text="Ids of the stores where a clerk may redeem, one at least, or groups.",
    )
    groups = ids_field(default=list, help_text="Ids of groups of stores.")
    limited = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Keep a manager or a reader to these places; a clerk always is.",
    )


class TokenSerializer(serializers.Serializer[Any]):
    token = PlainTextField(max_length=200, help_text="The last part of the e-mail's link.")


class ReceivedInvitationSerializer(serializers.Serializer[Any]):
    """What the invited person sees."""

    merchant = MerchantBriefSerializer(read_only=True)
    role = serializers.CharField(read_only=True)
    limited = serializers.SerializerMethodField(
        help_text="True: at these stores and groups only; false: at all stores."
    )
    stores = serializers.SerializerMethodField(help_text="Names.")
    groups = serializers.SerializerMethodField(help_text="Names.")
    invited_by = serializers.CharField(
        source="invited_by.display_name", read_only=True, allow_null=True
    )
    expires_at = MomentField(read_only=True)

    def get_limited(self, invitation: StaffInvitation) -> bool:
        return is_limited(role=invitation.role, limited=invitation.limited)

    def get_groups(self, invitation: StaffInvitation) -> list[str]:
        return [group.name for group in invitation.groups.all()]

    def get_stores(self, invitation: StaffInvitation) -> list[str]:
        return [store.name for store in invitation.stores.all()]


class InvitationSerializer(ReceivedInvitationSerializer):
    """What who runs the business sees."""

    id = serializers.IntegerField(read_only=True)
    email = serializers.CharField(read_only=True, help_text="Empty for a link.")
    name = serializers.CharField(read_only=True)
    state = serializers.CharField(read_only=True)
    is_open = serializers.BooleanField(read_only=True)
    created_at = MomentField(read_only=True)
    answered_at = MomentField(read_only=True, allow_null=True)
    accepted_by = serializers.CharField(
        source="accepted_by.display_name", read_only=True, allow_null=True, default=None
    )


class MadeInvitationSerializer(InvitationSerializer):
    link = serializers.CharField(
        read_only=True, help_text="Told once, of an invitation without an address; else empty."
    )


class InvitationsView(GenericAPIView[StaffInvitation]):
    scope = {"GET": Scope.STAFF_READ, "POST": Scope.STAFF_WRITE}
    queryset = StaffInvitation.objects.none()
    serializer_class = InvitationSerializer

    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_list",
        summary="List invitations",
        description="Of the businesses you run, the newest first.",
        responses=InvitationSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        if not merchants_for(request.user, Right.SEE_STAFF).exists():
            raise lacking(request.user, Right.SEE_STAFF)
        rows = invitations_of(request.user).prefetch_related("stores", "groups")
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(InvitationSerializer(page, many=True).data)

    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_create",
        summary="Invite somebody",
        description="The answer is the same whether or not the address belongs to an account.",
        request=InvitationInputSerializer,
        responses={201: MadeInvitationSerializer},
    )
    def post(self, request: Request) -> Response:
        refuse_strangers(request.user)
        facts = read_body(InvitationInputSerializer, request.data)
        merchant = one_merchant(
            user=request.user, right=Right.MANAGE_STAFF, slug=facts.get("merchant", "")
        )
        places = {
            "role": facts["role"],
            "stores": named_stores(merchant, facts["stores"]),
            "groups": named_groups(merchant, facts["groups"]),
            "limited": facts["limited"],
            "name": facts["name"],
        }
        link = ""
        if facts["email"]:
            invitation = invite_staff(
                merchant=merchant, email=facts["email"], by=request.user, **places
            )
        else:
            invitation, link = invite_by_link(merchant=merchant, by=request.user, **places)
        answer = {**InvitationSerializer(invitation).data, "link": link}
        return Response(answer, status=status.HTTP_201_CREATED)


class InvitationAgainView(APIView):
    scope = Scope.STAFF_WRITE

    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_resend",
        summary="Send an invitation again",
        description="Takes the place of the one that waits: a new id, a new link, seven days.",
        request=None,
        responses=InvitationSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        invitation = send_invitation_again(invitation_id=pk, by=request.user)
        return Response(InvitationSerializer(invitation).data)


class InvitationLinkView(APIView):
    scope = Scope.STAFF_WRITE

    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_link",
        summary="Make a new link",
        description="For an invitation without an address: a new id and link; the old one ends.",
        request=None,
        responses=MadeInvitationSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        invitation, link = renew_link(invitation_id=pk, by=request.user)
        return Response({**InvitationSerializer(invitation).data, "link": link})


class InvitationRevokeView(APIView):
    scope = Scope.STAFF_WRITE

    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_revoke",
        summary="Withdraw an invitation",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        revoke_invitation(invitation_id=pk, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _token(request: Request) -> str:
    values = read_body(TokenSerializer, request.data)
    return str(values["token"])


class InvitationReadView(APIView):
    scope = OPEN
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_read",
        summary="Read the invitation of a link",
        request=TokenSerializer,
        responses=ReceivedInvitationSerializer,
    )
    def post(self, request: Request) -> Response:
        return Response(ReceivedInvitationSerializer(find_invitation(token=_token(request))).data)


class InvitationAcceptView(APIView):
    scope = Scope.STAFF_WRITE

    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_accept",
        summary="Accept an invitation",
        description="Once; your account need not have the address that was invited.",
        request=TokenSerializer,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        accept_invitation(token=_token(request), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationDeclineView(APIView):
    scope = OPEN
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_decline",
        summary="Decline an invitation",
        request=TokenSerializer,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        decline_invitation(token=_token(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
