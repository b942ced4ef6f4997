"""The inbox, and the switches of what comes by e-mail."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.http.reading import next_path
from kernel.message_kinds import MAIL_GROUPS
from members.models import User
from members.services.accounts import switch_mail
from messages.access import access_notification
from messages.selectors import inbox_page
from messages.services.notify import mark_read, read_mail_off

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@csrf_exempt  # mail programs post here for their reader; the signed address is the permission
@form_methods
def mail_off(request: HttpRequest, token: str) -> HttpResponse:
    """Switch a group of e-mails off, from the link in one of them, without logging in.

    Only a POST switches: programs that look through mail open every link.
    """
    user, group = read_mail_off(token)
    if request.method == "POST":
        switch_mail(user=user, group=group, on=request.POST.get("wanted") == "yes")
    context = {"label": MAIL_GROUPS[group].label, "off": group in user.mail_off}
    return render(request, "messages/mail_off.html", context)


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """My messages, newest first."""
    page = inbox_page(user=_user(request), params=request.GET)
    return render(request, "messages/inbox.html", {"page": page})


@login_required
@require_POST
def inbox_read(request: HttpRequest) -> HttpResponse:
    """Mark all my messages as read."""
    mark_read(user=_user(request))
    return redirect("inbox")


@login_required
@require_POST
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one of my messages as read and go where it points."""
    notification = access_notification(user=_user(request), notification_id=pk)
    mark_read(user=_user(request), notification_ids=[notification.pk])
    return redirect(next_path(request, notification.link) or "inbox")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
