"""The first link of every breadcrumb trail."""

from __future__ import annotations

from django.utils.translation import gettext

from kernel.http.places import address_of


def home_crumb() -> dict[str, str]:
    """The front page, as the first of components/crumbs.html."""
    return {"label": gettext("Home"), "url": address_of("front")}
