"""All addresses."""

from __future__ import annotations

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny

from o2o.pages.api_docs import ApiDocs
from o2o.pages.back_office import admin_login, admin_password_change
from o2o.pages.help import help_page, styleguide
from o2o.pages.media import media
from o2o.pages.robots import robots
from o2o.pages.sitemap import sitemap_index, sitemap_part

handler400 = "kernel.http.failures.bad_request"
handler403 = "kernel.http.failures.forbidden"
handler404 = "kernel.http.failures.not_found"
handler500 = "kernel.http.failures.server_error"
admin.site.login = admin_login  # type: ignore[method-assign, assignment]
admin.site.password_change = admin_password_change  # type: ignore[method-assign, assignment]

# First, and the busiest rooms first: every pattern before the right one costs time.
API = [
    path("", include("console.api_urls")),
    path("", include("vouchers.api_urls")),
    path("", include("orders.api_urls")),
    path("", include("catalog.api_urls")),
    path("", include("stores.api_urls")),
    path("", include("stores.codes.api_urls")),
    path("", include("insights.api_urls")),
    path("", include("members.api_urls")),
    path("", include("messages.api_urls")),
    path("", include("reviews.api_urls")),
    path("", include("campaigns.api_urls")),
    path("", include("payments.api_urls")),
]
urlpatterns = [
    path("api/v1/", include(API)),
    path("api/schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny]), name="schema"),
    path(
        "api/docs/",
        # Swagger UI brings a style element of its own; scripts stay ours.
        require_safe(csp_update({"style-src": [UNSAFE_INLINE]})(ApiDocs.as_view())),
        name="api_docs",
    ),
    path("admin/", admin.site.urls),
    path("styleguide/", styleguide, name="styleguide"),
    path("help/", help_page, name="help"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap_index, name="sitemap"),
    path("sitemap-<token:section>-<id:number>.xml", sitemap_part, name="sitemap_part"),
    path("", include("stores.codes.urls")),
    path("", include("stores.urls")),
    path("", include("catalog.urls")),
    path("", include("members.urls")),
    path("", include("messages.urls")),
    path("", include("orders.urls")),
    path("", include("reviews.urls")),
    path("", include("campaigns.urls")),
    path("", include("vouchers.urls")),
    path("", include("console.urls")),
    path("", include("o2o.app.urls")),
]

if settings.SERVE_MEDIA:
    urlpatterns.append(re_path(r"^media/(?P<path>.+)$", media, name="media"))
