"""The page behind the link of an invitation to work for a merchant."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from kernel.errors import Refusal
from kernel.http.places import address_of
from kernel.plaintext import isolate
from stores.errors import InvitationGone
from stores.models import StaffInvitation
from stores.rights import OFFICE_ROLES
from stores.services.invitations import accept_invitation, decline_invitation, find_invitation
from stores.services.staff import is_limited


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """See who invites and for what; accept with the account one is logged in with, or decline.

    Declining uses the link up, without an account even: it is asked about first.
    """
    try:
        found = find_invitation(token=token)
        declining = request.POST.get("answer") == "no" and not request.POST.get("sure")
        if request.method == "POST" and not declining:
            return _answer(request, token, found)
    except InvitationGone:
        return render(request, "stores/invitation.html", status=404)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("invitation", token=token)
    context = {
        "invitation": found,
        "stores": [str(place) for place in (*found.stores.all(), *found.groups.all())],
        "limited": is_limited(role=found.role, limited=found.limited),
        "declining": declining,
        "inviter": isolate(getattr(found.invited_by, "display_name", "")),
    }
    return render(request, "stores/invitation.html", context)


def _answer(request: HttpRequest, token: str, found: StaffInvitation) -> HttpResponse:
    if request.POST.get("answer") == "no":
        decline_invitation(token=token)
        messages.success(request, gettext("You declined. Your name was not shared with anyone."))
        return redirect(address_of("front"))
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    membership = accept_invitation(token=token, user=request.user)
    merchant = {"merchant": found.merchant.name}
    messages.success(request, gettext("Welcome: you work for %(merchant)s now.") % merchant)
    runs = membership.role in OFFICE_ROLES
    return redirect("admin:index" if runs else address_of("counter"))
