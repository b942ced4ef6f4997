"""Addresses of this room below /api/v1/."""

from __future__ import annotations

from django.urls import path

from payments import api

urlpatterns = [
    path("statements", api.StatementList.as_view(), name="api_statements"),
    path("statements/<id:pk>", api.StatementDetail.as_view(), name="api_statement"),
    path(
        "statements/<id:pk>/statement.pdf",
        api.StatementSheet.as_view(),
        name="api_statement_sheet",
    ),
    path(
        "statements/<id:pk>/payouts",
        api.StatementPayoutView.as_view(),
        name="api_statement_payout",
    ),
]
