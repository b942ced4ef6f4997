"""The first link of every breadcrumb trail."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext


def home_crumb() -> dict[str, str]:
    """The front page, as the first of components/crumbs.html."""
    return {"label": gettext("Home"), "url": reverse(settings.HOME_URL)}
