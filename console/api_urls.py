"""Addresses of this room below /api/v1/."""

from __future__ import annotations

from django.urls import path

from console import api, api_day

urlpatterns = [
    path("console/previews", api.PreviewView.as_view(), name="api_console_previews"),
    path("console/day", api_day.DayView.as_view(), name="api_console_day"),
    path("console/sales", api_day.SoldView.as_view(), name="api_console_sales"),
    path("console/redemptions", api.RedemptionView.as_view(), name="api_console_redemptions"),
    path("console/redemptions/<id:pk>/undo", api.UndoView.as_view(), name="api_console_undo"),
]
