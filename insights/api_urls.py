"""Addresses of figures in the API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from insights import api

urlpatterns = [
    path("codes/<id:pk>/figures", api.CodeFiguresView.as_view(), name="api_code_figures"),
    path("funnel", api.FunnelView.as_view(), name="api_funnel"),
]
