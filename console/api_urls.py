"""Addresses of this room below /api/v1/."""

from __future__ import annotations

from django.urls import path

from console import api

urlpatterns = [
    path("console/previews", api.PreviewView.as_view(), name="api_console_previews"),
    path("console/redemptions", api.RedemptionView.as_view(), name="api_console_redemptions"),
    path("console/redemptions/<id:pk>/undo", api.UndoView.as_view(), name="api_console_undo"),
]
