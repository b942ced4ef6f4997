"""/q/XXXXXXX: what a phone's camera opens."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kernel.http.visits import begin_visit, keep_visit, trace_of
from stores.codes.touches import known_code, touch_code


@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """Lead on to the code's page and keep the touch; a friendly page for a code that leads nowhere.

    The visit gets its cookie here, so that an order of this visit knows its code.
    """
    found = known_code(code)
    if found is None or not found.path:
        return render(request, "codes/gone.html", status=404 if found is None else 410)
    response = HttpResponseRedirect(found.path)
    response["Cache-Control"] = "no-store, private"
    if not trace_of(request).counts:
        return response
    begin_visit(request)
    touch_code(code=found, trace=trace_of(request), referrer=request.META.get("HTTP_REFERER", ""))
    return keep_visit(request, response)
