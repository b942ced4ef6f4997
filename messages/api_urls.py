from __future__ import annotations

from django.urls import path

from messages import api

urlpatterns = [
    path("me/messages", api.MessagesView.as_view(), name="api_messages"),
    path("me/messages/read", api.MessagesReadView.as_view(), name="api_messages_read"),
    path(
        "me/message-preferences",
        api.MessagePreferencesView.as_view(),
        name="api_message_preferences",
    ),
]
