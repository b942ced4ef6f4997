"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from kernel.http.visits import is_to_be_asked


def site(request: HttpRequest) -> dict[str, Any]:
    """The shop's name, and the server's time for countdowns."""
    return {
        "site": {
            "name": settings.SITE_NAME or _("Linli"),
            "tagline": _("Pay online, enjoy it round the corner."),
            "base_url": settings.BASE_URL,
        },
        "ask_consent": is_to_be_asked(request),
        "server_now": timezone.now(),
        "styleguide": settings.STYLEGUIDE,
    }
