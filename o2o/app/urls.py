from __future__ import annotations

from django.urls import path

from o2o.app import views

urlpatterns = [
    path("vouchers/offline.json", views.voucher_offline, name="voucher_offline"),
    path("sw.js", views.service_worker, name="service_worker"),
    path("manifest.webmanifest", views.web_manifest, name="web_manifest"),
    path("offline/", views.offline_page, name="offline_page"),
]
