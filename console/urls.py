"""Pages of the counter."""

from __future__ import annotations

from django.urls import path

from console import (
    views,
    views_codes,
    views_coupons,
    views_day,
    views_devices,
    views_stock,
)

urlpatterns = [
    path("console/", views.console_home, name="console_home"),
    path("console/enrol/", views_devices.console_enrol, name="console_enrol"),
    path("console/codes/", views_codes.console_codes, name="console_codes"),
    path("console/<id:store_id>/", views.console_store, name="console_store"),
    path("console/<id:store_id>/preview/", views.console_preview, name="console_preview"),
    path("console/<id:store_id>/redeem/", views.console_redeem, name="console_redeem"),
    path("console/<id:store_id>/decode/", views.console_decode, name="console_decode"),
    path("console/<id:store_id>/coupons/", views_coupons.console_coupons, name="console_coupons"),
    path("console/<id:store_id>/stock/", views_stock.console_stock, name="console_stock"),
    path(
        "console/<id:store_id>/stock/<id:pk>/",
        views_stock.console_stock_tell,
        name="console_stock_tell",
    ),
    path("console/<id:store_id>/today/", views_day.console_today, name="console_today"),
    path("console/<id:store_id>/today.csv", views_day.console_day_file, name="console_day_file"),
    path(
        "console/<id:store_id>/redemptions/<id:pk>/",
        views.console_result,
        name="console_result",
    ),
    path(
        "console/<id:store_id>/redemptions/<id:pk>/undo/",
        views.console_undo,
        name="console_undo",
    ),
]
