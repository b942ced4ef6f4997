"""API: a person's API keys, each with the scopes of its program."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.http.bodies import read_body
from kernel.http.fields import MomentField
from kernel.http.scopes import Scope
from members.models import ApiToken, User
from members.services.keys import NAME_MAX_LENGTH, keys_of, make_key, revoke_key


class KeyInputSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=NAME_MAX_LENGTH, help_text="What the key is for.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), max_length=len(Scope)
    )


class KeySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=Scope.choices), read_only=True
    )
    created_at = MomentField(read_only=True)
    expires_at = MomentField(read_only=True)


class NewKeySerializer(KeySerializer):
    token = serializers.CharField(read_only=True, help_text="Told once.")


class KeysView(GenericAPIView[ApiToken]):
    scope = Scope.ACCOUNT_WRITE
    queryset = ApiToken.objects.none()
    serializer_class = KeySerializer

    @extend_schema(
        tags=["auth"],
        operation_id="keys_list",
        summary="List API keys",
        responses=KeySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Those that still work, the newest first; a sign-in's own token is none."""
        page = self.paginate_queryset(keys_of(_user(request))) or []
        return self.get_paginated_response(KeySerializer(page, many=True).data)

    @extend_schema(
        tags=["auth"],
        operation_id="keys_create",
        summary="Make an API key",
        description="With the scopes of its program alone; a key makes none that may do more.",
        request=KeyInputSerializer,
        responses={201: NewKeySerializer},
    )
    def post(self, request: Request) -> Response:
        values = read_body(KeyInputSerializer, request.data)
        held = getattr(request.auth, "scopes", None)
        key, token = make_key(user=_user(request), held=held, **values)
        answer = {**KeySerializer(key).data, "token": token}
        return Response(answer, status=status.HTTP_201_CREATED)


class KeyView(APIView):
    scope = Scope.ACCOUNT_WRITE

    @extend_schema(
        tags=["auth"],
        operation_id="keys_revoke",
        summary="Revoke an API key",
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        revoke_key(user=_user(request), key_id=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user
