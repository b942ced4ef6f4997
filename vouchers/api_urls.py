"""Addresses of this room below /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path

from vouchers import api, api_grants, api_returns

urlpatterns = [
    path("vouchers", api.VoucherList.as_view(), name="api_vouchers"),
    path("vouchers/<id:pk>", api.VoucherDetail.as_view(), name="api_voucher"),
    re_path(
        r"^vouchers/(?P<pk>[0-9]{1,18})/qr\.(?P<form>png|svg)$",
        api.VoucherQr.as_view(),
        name="api_voucher_qr",
    ),
    path("grants", api_grants.GrantsView.as_view(), name="api_grants"),
    path("grants/<id:pk>", api_grants.GrantView.as_view(), name="api_grant"),
    path("grants/<id:pk>/revoke", api_grants.GrantRevokeView.as_view(), name="api_grant_revoke"),
    path(
        "redemptions/<id:pk>/returns",
        api_returns.RedemptionReturns.as_view(),
        name="api_redemption_returns",
    ),
    path("vouchers/<id:pk>/refund", api.VoucherRefund.as_view(), name="api_voucher_refund"),
]
