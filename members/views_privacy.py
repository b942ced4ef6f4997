"""/privacy/: what is recorded, and the answer to being counted."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kernel.facts.services import MONTHS_KEPT
from kernel.http.reading import next_path
from kernel.http.visits import asks_not_to_be_followed, consent_of, keep_consent, trace_of
from members.models import User
from members.services.consent import answer_consent

ANSWERS = {"yes": True, "no": False}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def privacy(request: HttpRequest) -> HttpResponse:
    """Read what is recorded; answer, or change an answer (POST). ``next`` is followed inside this site."""
    consent = ANSWERS.get(request.POST.get("consent", ""))
    if request.method != "POST" or consent is None:
        context = {
            "consent": consent_of(request),
            "refused_by_browser": asks_not_to_be_followed(request),
            "months": MONTHS_KEPT,
        }
        return render(request, "members/privacy.html", context)
    user = request.user if isinstance(request.user, User) else None
    stranger = trace_of(request)._replace(agreed=False, subject="", stay="", visitor="")
    answer_consent(user=user, consent=consent, trace=stranger)
    if not consent:
        text = gettext("Your answer is kept. Your visits are not counted together.")
    elif asks_not_to_be_followed(request):
        text = gettext(
            "Your browser asks not to be followed, and that holds here: your visits are not "
            "counted together in this browser."
        )
    else:
        text = gettext("Thank you. Your visits are counted together from now on.")
    messages.success(request, text)
    response = redirect(next_path(request, request.POST.get("next")) or "privacy")
    return keep_consent(request, response, consent=consent)
