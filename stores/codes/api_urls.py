"""Addresses of codes in the API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from stores.codes import api

urlpatterns = [
    path("codes", api.CodesView.as_view(), name="api_codes"),
    path("codes/<id:pk>", api.CodeView.as_view(), name="api_code"),
    path("codes/<id:pk>/sheet.pdf", api.CodeSheetView.as_view(), name="api_code_sheet"),
    path("codes/<id:pk>/close", api.CodeCloseView.as_view(), name="api_code_close"),
]
