"""API: my messages, and what I hear of the businesses that I work for."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from kernel.http.bodies import read_body
from kernel.http.fields import MomentField, WholeField
from kernel.http.scopes import Scope
from kernel.message_kinds import Channel, Pace
from kernel.numerals import MAX_ID
from members.models import User
from messages.models import Notification
from messages.selectors import Business, inbox_of, preferences_of
from messages.services.inbox import mark_read
from messages.services.preferences import choose_news
from messages.wording import word_notification

MOST_READ, MOST_NEWS = 100, 40
_CHOICE = OpenApiExample(
    "Sales in the inbox once a day, no word of redemptions",
    value={
        "merchant": 12,
        "news": [
            {"code": "sales", "channels": ["inbox"], "pace": "day"},
            {"code": "redemptions", "channels": []},
        ],
    },
    request_only=True,
)
_READ = OpenApiExample("Two of them", value={"messages": [71, 72]}, request_only=True)


_SALE = OpenApiExample(
    "A sale",
    value={
        "id": 72,
        "kind": "sale_made",
        "title": "Sold: Hotpot for two",
        "body": "2 in all, for ¥176. Order 2605120004217.",
        "link": "/admin/orders/orderline/903/change/",
        "created_at": "2026-05-12T10:40:00Z",
        "read_at": None,
    },
    response_only=True,
)
_MARKED = OpenApiExample("Both were unread", value={"marked": 2}, response_only=True)
_BUSINESS = {
    "merchant": 12,
    "name": "Pier Kitchen",
    "news": [
        {
            "code": "sales",
            "channels": ["inbox"],
            "name": "Every sale",
            "pace": "day",
            "paces": ["each", "hour", "day"],
        },
        {
            "code": "redemptions",
            "channels": [],
            "name": "Every redemption",
            "pace": "each",
            "paces": ["each"],
        },
    ],
}
_HEARD = OpenApiExample("One business", value={"businesses": [_BUSINESS]}, response_only=True)
_CHOSEN = OpenApiExample("As it is now", value=_BUSINESS, response_only=True)


class MessageSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(read_only=True)
    kind = serializers.CharField(read_only=True)
    title = serializers.CharField(read_only=True, help_text="In your language.")
    body = serializers.CharField(read_only=True)
    link = serializers.CharField(read_only=True, help_text="A path of this site, or empty.")
    created_at = MomentField(read_only=True)
    read_at = MomentField(read_only=True, allow_null=True)


class ReadInputSerializer(serializers.Serializer[Any]):
    messages = serializers.ListField(
        child=WholeField(min_value=0, max_value=MAX_ID),
        required=False,
        max_length=MOST_READ,
        help_text="Ids; leave it out for all that are unread.",
    )


class ReadSerializer(serializers.Serializer[Any]):
    marked = serializers.IntegerField(read_only=True, help_text="How many were unread.")


class HeardSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=20)
    channels = serializers.ListField(
        child=serializers.ChoiceField(choices=Channel.choices), max_length=len(Channel)
    )


class HeardInputSerializer(HeardSerializer):
    pace = serializers.ChoiceField(
        choices=Pace.choices,
        required=False,
        help_text="For news that can be told together; without it, it stays as it is.",
    )


class NewsSerializer(HeardSerializer):
    name = serializers.CharField(read_only=True, help_text="In your language.")
    pace = serializers.ChoiceField(
        choices=Pace.choices,
        read_only=True,
        help_text="Each at once, or the sales of an hour or a day (by the platform's clock) in one message.",
    )
    paces = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="The ones to choose from.",
    )


class BusinessNewsSerializer(serializers.Serializer[Any]):
    merchant = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    news = NewsSerializer(many=True, read_only=True)


class PreferencesSerializer(serializers.Serializer[Any]):
    businesses = BusinessNewsSerializer(many=True, read_only=True)


class ChoiceInputSerializer(serializers.Serializer[Any]):
    merchant = WholeField(min_value=0, max_value=MAX_ID)
    news = serializers.ListField(child=HeardInputSerializer(), max_length=MOST_NEWS)


class MessagesView(GenericAPIView[Notification]):
    scope = Scope.MESSAGES_READ
    queryset = Notification.objects.none()
    serializer_class = MessageSerializer

    @extend_schema(
        tags=["messages"],
        operation_id="messages_list",
        summary="List my messages",
        responses=MessageSerializer(many=True),
        examples=[_SALE],
    )
    def get(self, request: Request) -> Response:
        """What is in the inbox, newest first."""
        page = self.paginate_queryset(inbox_of(_user(request))) or []
        return self.get_paginated_response(
            MessageSerializer([_shape(row) for row in page], many=True).data
        )


class MessagesReadView(APIView):
    scope = Scope.MESSAGES_WRITE

    @extend_schema(
        tags=["messages"],
        operation_id="messages_read",
        summary="Mark messages as read",
        request=ReadInputSerializer,
        responses=ReadSerializer,
        examples=[_READ, _MARKED],
    )
    def post(self, request: Request) -> Response:
        """The named ones, or all; other people's are passed over. Repeating it changes nothing."""
        values = read_body(ReadInputSerializer, request.data)
        count = mark_read(user=_user(request), notification_ids=values.get("messages"))
        return Response({"marked": count})


class MessagePreferencesView(APIView):
    scope = {"GET": Scope.MESSAGES_READ, "PATCH": Scope.MESSAGES_WRITE}

    @extend_schema(
        tags=["messages"],
        operation_id="message_preferences",
        summary="What I hear of my businesses",
        responses=PreferencesSerializer,
        examples=[_HEARD],
    )
    def get(self, request: Request) -> Response:
        """Each business that you work for, with the news that your role there may hear."""
        return Response({"businesses": [_news(one) for one in preferences_of(_user(request))]})

    @extend_schema(
        tags=["messages"],
        operation_id="message_preferences_change",
        summary="Choose what I hear of a business",
        request=ChoiceInputSerializer,
        responses=BusinessNewsSerializer,
        examples=[_CHOICE, _CHOSEN],
    )
    def patch(self, request: Request) -> Response:
        """News that are not named stay as they are; no channels: not at all.

        Refused as `not_found` for a business that you do not work for, as `invalid` for news, channels
        and paces that are not offered there; nothing is changed then.
        """
        values = read_body(ChoiceInputSerializer, request.data)
        business = choose_news(
            user=_user(request),
            merchant_id=values["merchant"],
            chosen={row["code"]: row["channels"] for row in values["news"]},
            paces={row["code"]: row["pace"] for row in values["news"] if "pace" in row},
        )
        return Response(_news(business))


def _shape(notification: Notification) -> dict[str, Any]:
    words = word_notification(notification)
    return {
        "id": notification.pk,
        "kind": notification.kind,
        "title": words.title,
        "body": words.body,
        "link": notification.link,
        "created_at": notification.created_at,
        "read_at": notification.read_at,
    }


def _news(business: Business) -> dict[str, Any]:
    return {
        "merchant": business.merchant.pk,
        "name": business.merchant.name,
        "news": [
            {
                "code": heard.news.code,
                "name": str(heard.news.label),
                "channels": [name for name in Channel.values if name in heard.channels],
                "pace": heard.pace.value,
                "paces": Pace.values if heard.news.together else [Pace.EACH.value],
            }
            for heard in business.heard
        ],
    }


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user
