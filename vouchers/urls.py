"""Pages of the wallet."""

from __future__ import annotations

from django.urls import path

from vouchers import views, views_paper

urlpatterns = [
    path("vouchers/", views.voucher_list, name="voucher_list"),
    path("vouchers/<id:pk>/", views.voucher_detail, name="voucher_detail"),
    path("vouchers/<id:pk>/pulse/", views.voucher_pulse, name="voucher_pulse"),
    path("vouchers/<id:pk>/qr.svg", views.voucher_qr, name="voucher_qr"),
    path("vouchers/<id:pk>/calendar.ics", views_paper.voucher_calendar, name="voucher_calendar"),
    path("vouchers/<id:pk>/voucher.png", views_paper.voucher_picture, name="voucher_picture"),
    path("vouchers/<id:pk>/voucher.pdf", views_paper.voucher_sheet, name="voucher_sheet"),
    path("vouchers/<id:pk>/refund/", views.voucher_refund, name="voucher_refund"),
]
