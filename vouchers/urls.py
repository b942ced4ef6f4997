"""Pages of the wallet and of the staff console, and the site as an app."""

from __future__ import annotations

from django.urls import path

from vouchers import views, views_app, views_console, views_paper

urlpatterns = [
    path("vouchers/", views.voucher_list, name="voucher_list"),
    path("vouchers/offline.json", views_app.voucher_offline, name="voucher_offline"),
    path("sw.js", views_app.service_worker, name="service_worker"),
    path("manifest.webmanifest", views_app.web_manifest, name="web_manifest"),
    path("offline/", views_app.offline_page, name="offline_page"),
    path("vouchers/<id:pk>/", views.voucher_detail, name="voucher_detail"),
    path("vouchers/<id:pk>/pulse/", views.voucher_pulse, name="voucher_pulse"),
    path("vouchers/<id:pk>/qr.svg", views.voucher_qr, name="voucher_qr"),
    path("vouchers/<id:pk>/calendar.ics", views_paper.voucher_calendar, name="voucher_calendar"),
    path("vouchers/<id:pk>/voucher.png", views_paper.voucher_picture, name="voucher_picture"),
    path("vouchers/<id:pk>/voucher.pdf", views_paper.voucher_sheet, name="voucher_sheet"),
    path("vouchers/<id:pk>/refund/", views.voucher_refund, name="voucher_refund"),
    path("console/", views_console.console_home, name="console_home"),
    path("console/<id:store_id>/", views_console.console_store, name="console_store"),
    path("console/<id:store_id>/preview/", views_console.console_preview, name="console_preview"),
    path("console/<id:store_id>/redeem/", views_console.console_redeem, name="console_redeem"),
    path("console/<id:store_id>/decode/", views_console.console_decode, name="console_decode"),
    path("console/<id:store_id>/today/", views_console.console_today, name="console_today"),
    path(
        "console/<id:store_id>/redemptions/<id:pk>/",
        views_console.console_result,
        name="console_result",
    ),
    path(
        "console/<id:store_id>/redemptions/<id:pk>/undo/",
        views_console.console_undo,
        name="console_undo",
    ),
]
