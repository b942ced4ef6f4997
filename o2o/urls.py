"""All addresses."""

from __future__ import annotations

from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path

from o2o.web.views import styleguide
from stores.views_apply import merchant_apply

urlpatterns = [
    path("admin/", admin.site.urls),
    path("styleguide/", styleguide, name="styleguide"),
    path("", include("stores.urls")),
    path("", include("catalog.urls")),
    path("", include("members.urls")),
    path("merchants/apply/", merchant_apply, name="merchant_apply"),
    path("", include("orders.urls")),
    path("", include("reviews.urls")),
    path("api/v1/", include("stores.api_urls")),
    path("api/v1/", include("catalog.api_urls")),
    path("api/v1/", include("members.api_urls")),
    path("api/v1/", include("orders.api_urls")),
    path("api/v1/", include("reviews.api_urls")),
    path("api/v1/", include("vouchers.api_urls")),
]
