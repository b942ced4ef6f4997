"""API: invite people to work for a merchant, and answer an invitation."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.errors import InvalidInput, NotFound
from kernel.http.fields import MailField, MomentField, PlainTextField, WholeField
from stores.access import merchants_of
from stores.api import MerchantBriefSerializer
from stores.models import Merchant, StaffInvitation, StaffMembership, Store
from stores.services.invitations import (
    accept_invitation,
    decline_invitation,
    find_invitation,
    invitations_of,
    invite_staff,
    revoke_invitation,
    send_invitation_again,
)

LONGEST_LIST = 200


class InvitationInputSerializer(serializers.Serializer[Any]):
    merchant = serializers.SlugField(
        required=False, max_length=80, help_text="Slug; may be left out by who runs one business."
    )
    email = MailField(max_length=254)
    role = serializers.ChoiceField(choices=StaffMembership.Role.choices)
    stores = serializers.ListField(
        child=WholeField(min_value=1, max_value=2**63 - 1),
        required=False,
        default=list,
        max_length=LONGEST_LIST,
        help_text="Ids of the stores where a clerk may redeem, one at least.",
    )


class TokenSerializer(serializers.Serializer[Any]):
    token = PlainTextField(max_length=200, help_text="The last part of the e-mail's link.")


class ReceivedInvitationSerializer(serializers.Serializer[Any]):
    """What the invited person sees."""

    merchant = MerchantBriefSerializer(read_only=True)
    role = serializers.CharField(read_only=True)
    stores = serializers.SerializerMethodField(help_text="Names.")
    invited_by = serializers.CharField(
        source="invited_by.display_name", read_only=True, allow_null=True
    )
    expires_at = MomentField(read_only=True)

    def get_stores(self, invitation: StaffInvitation) -> list[str]:
        return [store.name for store in invitation.stores.all()]


class InvitationSerializer(ReceivedInvitationSerializer):
    """What who runs the business sees."""

    id = serializers.IntegerField(read_only=True)
    email = serializers.EmailField(read_only=True)
    state = serializers.CharField(read_only=True)
    is_open = serializers.BooleanField(read_only=True)
    created_at = MomentField(read_only=True)
    answered_at = MomentField(read_only=True, allow_null=True)
    accepted_by = serializers.CharField(
        source="accepted_by.display_name", read_only=True, allow_null=True, default=None
    )


def _managed(request: Request) -> Any:
    """The merchants that the person runs; raises NotFound for everybody else."""
    user: Any = request.user
    merchants = Merchant.objects.all() if user.is_superuser else merchants_of(user)
    if not merchants.exists():
        raise NotFound
    return merchants


class InvitationsView(APIView):
    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_list",
        summary="List invitations",
        description="Of the businesses you run, the newest first, 200 at most.",
        responses=InvitationSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        _managed(request)
        rows = list(invitations_of(request.user).prefetch_related("stores")[:LONGEST_LIST])
        return Response(InvitationSerializer(rows, many=True).data)

    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_create",
        summary="Invite somebody",
        description="The answer is the same whether or not the address belongs to an account.",
        request=InvitationInputSerializer,
        responses={201: InvitationSerializer},
    )
    def post(self, request: Request) -> Response:
        merchants = _managed(request)
        form = InvitationInputSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        facts = form.validated_data
        if facts.get("merchant"):
            merchants = merchants.filter(slug=facts["merchant"])
        merchant = merchants[:2]
        if len(merchant) != 1:
            raise InvalidInput(fields={"merchant": [gettext("Say which business this is for.")]})
        wanted = set(facts["stores"])
        stores = list(Store.objects.filter(merchant=merchant[0], pk__in=wanted))
        if len(stores) != len(wanted):
            raise InvalidInput(fields={"stores": [gettext("Choose stores of this business only.")]})
        invitation = invite_staff(
            merchant=merchant[0],
            email=facts["email"],
            role=facts["role"],
            stores=stores,
            by=request.user,
        )
        return Response(InvitationSerializer(invitation).data, status=status.HTTP_201_CREATED)


class InvitationAgainView(APIView):
    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_resend",
        summary="Send an invitation again",
        description="Takes the place of the one that waits: a new id, a new link, seven days.",
        request=None,
        responses=InvitationSerializer,
    )
    def post(self, request: Request, pk: int) -> Response:
        _managed(request)
        invitation = send_invitation_again(invitation_id=pk, by=request.user)
        return Response(InvitationSerializer(invitation).data)


class InvitationRevokeView(APIView):
    @extend_schema(
        tags=["staff"],
        operation_id="staff_invitations_revoke",
        summary="Withdraw an invitation",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        _managed(request)
        revoke_invitation(invitation_id=pk, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _token(request: Request) -> str:
    form = TokenSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    return str(form.validated_data["token"])


class InvitationReadView(APIView):
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
