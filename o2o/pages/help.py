"""The help page, and the style guide."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from kernel.http.crumbs import home_crumb
from kernel.http.seo.public import public_page

ICON_NAMES = (
    "home pin near ticket user users search filter sort cart clock star star-filled star-half "
    "heart heart-filled phone route qr scan camera image upload download keyboard check "
    "check-circle x x-circle alert info help chevron-left chevron-right chevron-up chevron-down "
    "arrow-left arrow-right external plus minus trash edit copy bell mail lock key logout login "
    "sun moon globe settings store food coffee beauty fitness cinema hotel produce kids car pet "
    "gift wallet receipt refund undo calendar share chart shield bolt tag map menu more sparkle "
    "chat offline print "
)


@public_page()
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How buying, redeeming and refunds work; who to ask."""
    context = {
        "pay_minutes": settings.ORDER_TIMEOUT_MINUTES,
        "undo_minutes": settings.UNDO_WINDOW_MINUTES,
        "operator_email": settings.OPERATOR_EMAIL,
        "operator_phone": settings.OPERATOR_PHONE,
        "crumbs": [
            home_crumb(),
            {"label": gettext("Help")},
        ],
    }
    return render(request, "help/page.html", context)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component on one page, where the operator allows it."""
    if not settings.STYLEGUIDE:
        raise Http404
    return render(request, "styleguide.html", {"icon_names": ICON_NAMES.split()})
