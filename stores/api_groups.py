"""API: groups of a business's stores, for which roles can be given."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.http.bodies import read_body
from kernel.http.fields import PlainTextField
from kernel.http.scopes import Scope
from stores.access import access_row, lacking, merchants_for, refuse_strangers
from stores.api_places import ids_field, named_stores, one_merchant
from stores.models import StoreGroup
from stores.rights import Right
from stores.services.groups import delete_group, groups_of, save_group

NAME_MAX_LENGTH = 80


class GroupSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    merchant = serializers.CharField(source="merchant.slug", help_text="Slug.")
    name = serializers.CharField()
    stores = serializers.SerializerMethodField(help_text="Ids.")

    def get_stores(self, group: StoreGroup) -> list[int]:
        return sorted(store.pk for store in group.stores.all())


class GroupInputSerializer(serializers.Serializer[Any]):
    merchant = serializers.SlugField(
        required=False, max_length=80, help_text="Slug; may be left out by who runs one business."
    )
    name = PlainTextField(max_length=NAME_MAX_LENGTH)
    stores = ids_field(default=list, help_text="Ids of stores of the business.")


class GroupChangeSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    name = PlainTextField(max_length=NAME_MAX_LENGTH, required=False)
    stores = ids_field(help_text="Ids: the group has these stores from now on, and no others.")


_SENT = OpenApiExample(
    "The stores of a district", value={"name": "South", "stores": [3, 8]}, request_only=True
)
_CHANGED = OpenApiExample("A store more", value={"stores": [3, 8, 11]}, request_only=True)
_ANSWERED = OpenApiExample(
    "A group",
    value={"id": 4, "merchant": "harbour-coffee", "name": "South", "stores": [3, 8]},
    response_only=True,
)


class GroupsView(GenericAPIView[StoreGroup]):
    scope = {"GET": Scope.STORES_READ, "POST": Scope.STORES_WRITE}
    queryset = StoreGroup.objects.none()
    serializer_class = GroupSerializer

    @extend_schema(
        tags=["staff"],
        operation_id="store_groups_list",
        summary="List groups of stores",
        description="Of the businesses you work for, the newest first.",
        responses=GroupSerializer(many=True),
        examples=[_ANSWERED],
    )
    def get(self, request: Request) -> Response:
        if not merchants_for(request.user, Right.SEE_STORES).exists():
            raise lacking(request.user, Right.SEE_STORES)
        page = self.paginate_queryset(groups_of(request.user)) or []
        return self.get_paginated_response(GroupSerializer(page, many=True).data)

    @extend_schema(
        tags=["staff"],
        operation_id="store_groups_create",
        summary="Put stores together in a group",
        request=GroupInputSerializer,
        responses={201: GroupSerializer},
        examples=[_SENT, _ANSWERED],
    )
    def post(self, request: Request) -> Response:
        refuse_strangers(request.user)
        values = read_body(GroupInputSerializer, request.data)
        merchant = one_merchant(
            user=request.user, right=Right.EDIT_STORES, slug=values.get("merchant", "")
        )
        made = save_group(
            merchant=merchant,
            name=values["name"],
            stores=named_stores(merchant, values["stores"]),
            by=request.user,
        )
        return Response(GroupSerializer(made).data, status=status.HTTP_201_CREATED)


class GroupView(APIView):
    scope = {
        "GET": Scope.STORES_READ,
        "PATCH": Scope.STORES_WRITE,
        "DELETE": Scope.STORES_WRITE,
    }

    @extend_schema(
        tags=["staff"],
        operation_id="store_groups_retrieve",
        summary="Read one group of stores",
        responses=GroupSerializer,
        examples=[_ANSWERED],
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(GroupSerializer(_group(request, pk)).data)

    @extend_schema(
        tags=["staff"],
        operation_id="store_groups_change",
        summary="Change a group of stores",
        description="Whoever works for the group works at its stores at once. Refusals: `not_trading`.",
        request=GroupChangeSerializer,
        responses=GroupSerializer,
        examples=[_CHANGED, _ANSWERED],
    )
    def patch(self, request: Request, pk: int) -> Response:
        group = _group(request, pk)
        values = read_body(GroupChangeSerializer, request.data)
        if "stores" in values:
            values["stores"] = named_stores(group.merchant, values["stores"])
        saved = save_group(merchant=group.merchant, by=request.user, group=group, **values)
        return Response(GroupSerializer(saved).data)

    @extend_schema(
        tags=["staff"],
        operation_id="store_groups_delete",
        summary="Delete a group of stores",
        description="Whoever worked for it alone works at no store of it any more.",
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        delete_group(group=_group(request, pk), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _group(request: Request, pk: int) -> StoreGroup:
    right = Right.SEE_STORES if request.method == "GET" else Right.EDIT_STORES
    return access_row(groups_of(request.user), user=request.user, right=right, pk=pk)
