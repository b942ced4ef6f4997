"""The page of a person's API keys."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kernel.errors import NotFound, Refusal
from kernel.http.refused import refused_page
from kernel.http.scopes import AT_WORK, Scope
from kernel.numerals import MAX_ID, read_number
from members.models import User
from members.services.keys import keys_of, make_key, revoke_key


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def api_keys(request: HttpRequest) -> HttpResponse:
    """List, make and revoke keys; a new one's token is shown on this very answer, and never again."""
    user = request.user
    assert isinstance(user, User)
    made, refusal = None, None
    if request.method == "POST" and (text := request.POST.get("revoke")):
        key_id = read_number(text, most=MAX_ID)
        if key_id is None:
            raise NotFound
        revoke_key(user=user, key_id=key_id)
        messages.success(request, _("The key opens nothing any more."))
        return redirect("api_keys")
    if request.method == "POST":
        try:
            made = make_key(
                user=user,
                name=request.POST.get("name", ""),
                scopes=request.POST.getlist("scopes"),
            )
        except Refusal as refused:
            refusal = refused
    labels = dict(Scope.choices)
    fields = (refusal.extra.get("fields") if refusal else None) or {}
    context = {
        "keys": [(key, [labels[s] for s in key.scopes or ()]) for key in keys_of(user)],
        "made": made,
        "problems": [text for texts in fields.values() for text in texts],
        "name": "" if made else request.POST.get("name", ""),
        "kinds": [
            (_("As a guest"), _choices(request, set(Scope) - set(AT_WORK), made)),
            (_("At work for a merchant or the platform"), _choices(request, AT_WORK, made)),
        ],
    }
    return refused_page(request, "members/keys.html", context, refusal)


def _choices(
    request: HttpRequest, scopes: Collection[str], made: object
) -> list[tuple[str, str, bool]]:
    """Value, label and whether it is ticked, of each of ``scopes`` in the order of the list.

    After a key was ``made`` nothing is ticked: the next one is another.
    """
    ticked = [] if made else request.POST.getlist("scopes")
    return [(row.value, str(row.label), row in ticked) for row in Scope if row in scopes]
