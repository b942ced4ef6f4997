"""API: sign in for a bearer token, and give it back."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.http.bodies import read_body
from kernel.http.limits import client_address
from kernel.http.scopes import OPEN, Scope
from members.models import ApiToken, User
from members.services.accounts import PASSWORD_MAX_LENGTH, issue_token, revoke_token, sign_in
from members.services.emails import ask_to_add_email, confirm_email
from stores.access import merchants_of, role_of

ROLES = ("customer", "staff", "merchant", "operator")


class LoginSerializer(serializers.Serializer[Any]):
    identifier = serializers.CharField(max_length=254, help_text="E-mail or phone number.")
    password = serializers.CharField(max_length=PASSWORD_MAX_LENGTH, trim_whitespace=False)


class OwnMerchantSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()


class MeSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    display_name = serializers.CharField()
    identifier = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES)
    language = serializers.CharField()
    merchants = OwnMerchantSerializer(many=True, help_text="Businesses this person runs.")


class SignedInSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Send it as: Authorization: Bearer TOKEN")
    role = serializers.ChoiceField(choices=ROLES)
    user = MeSerializer()


def describe_user(user: User) -> dict[str, Any]:
    """What a client may know about the person it signed in."""
    role = role_of(user)
    return {
        "id": user.pk,
        "display_name": user.display_name,
        "identifier": user.identifier,
        "role": role,
        "language": user.language,
        "merchants": list(merchants_of(user)) if role == "merchant" else [],
    }


class LoginView(APIView):
    scope = OPEN
    # A stale token must not keep anybody from getting a new one.
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["auth"],
        summary="Sign in",
        request=LoginSerializer,
        responses={200: SignedInSerializer},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Exchange an identifier and a password for a bearer token."""
        values = read_body(LoginSerializer, request.data)
        user = sign_in(request=None, client=client_address(request), **values)
        me = describe_user(user)
        body = {"token": issue_token(user=user), "role": me["role"], "user": me}
        return Response(SignedInSerializer(body).data)


class LogoutView(APIView):
    scope = OPEN

    @extend_schema(
        tags=["auth"],
        summary="Sign out",
        request=None,
        responses={204: OpenApiResponse(description="The token is gone.")},
    )
    def post(self, request: Request) -> Response:
        """Forget the token this request carries."""
        if isinstance(request.auth, ApiToken):
            revoke_token(token=request.auth)
        return Response(status=status.HTTP_204_NO_CONTENT)


class EmailInputSerializer(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=PASSWORD_MAX_LENGTH, trim_whitespace=False)


class EmailAskedSerializer(serializers.Serializer[Any]):
    email = serializers.CharField(help_text="The address that the link was sent to.")


class EmailTokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=1000, help_text="The last part of the link.")


class EmailView(APIView):
    scope = Scope.ACCOUNT_WRITE

    @extend_schema(
        tags=["auth"],
        summary="Add an e-mail address",
        request=EmailInputSerializer,
        responses={202: EmailAskedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Send a link to an address; it counts once the link is used.

        Refusals: `has_email`, `email_taken`.
        """
        values = read_body(EmailInputSerializer, request.data)
        assert isinstance(request.user, User)
        address = ask_to_add_email(user=request.user, **values)
        return Response({"email": address}, status=status.HTTP_202_ACCEPTED)


class EmailConfirmView(APIView):
    scope = OPEN
    # The token is the permission: the link may be opened on another device.
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        tags=["auth"],
        summary="Confirm an e-mail address",
        request=EmailTokenSerializer,
        responses={200: EmailAskedSerializer},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Add the address of a link to its account. Refusals: `email_link_over`, `email_taken`."""
        values = read_body(EmailTokenSerializer, request.data)
        user = confirm_email(token=values["token"])
        return Response({"email": user.email})
