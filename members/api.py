"""API: sign in for a bearer token, and give it back."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from members.models import ApiToken, User
from members.services.accounts import PASSWORD_MAX_LENGTH, issue_token, revoke_token, sign_in
from o2o.web.limits import client_address
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
        form = LoginSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = sign_in(request=None, client=client_address(request), **form.validated_data)
        me = describe_user(user)
        body = {"token": issue_token(user=user), "role": me["role"], "user": me}
        return Response(SignedInSerializer(body).data)


class LogoutView(APIView):
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
