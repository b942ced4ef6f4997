"""The inbox, and the switches of what one hears and how."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.errors import NotFound
from kernel.http.reading import next_path
from kernel.message_kinds import BUSINESS, MAIL_GROUPS, Channel, Pace
from kernel.numerals import MAX_ID, read_number
from members.models import User
from members.services.accounts import switch_mail
from messages.access import access_notification
from messages.selectors import (
    Business,
    Heard,
    inbox_page,
    preferences_of,
    unread_of,
)
from messages.services.email import read_mail_off
from messages.services.inbox import mark_read
from messages.services.preferences import choose_news
from stores.rights import standings_of

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
    context = {"page": page, "at_work": bool(standings_of(request.user))}
    return render(request, "messages/inbox.html", context)


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


@login_required
@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """How many of my messages are unread, for bell.js; 304 while nothing has changed."""
    unread = unread_of(_user(request).pk)
    tag = f'W/"{unread.number}-{unread.latest}-{get_language()}"'
    answer = get_conditional_response(request, etag=tag)
    if answer is None:
        answer = JsonResponse(
            {
                "unread": unread.number,
                "shown": unread.shown,
                "latest": unread.latest,
                "words": unread.words,
            }
        )
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@login_required
@never_cache
@form_methods
def message_preferences(request: HttpRequest) -> HttpResponse:
    """What I hear of each business that I work for; a page for those who work for one."""
    user = _user(request)
    businesses = preferences_of(user)
    if not businesses:
        raise NotFound
    if request.method == "POST":
        merchant_id = read_number(request.POST.get("merchant", ""), most=MAX_ID)
        mine = {business.merchant.pk: business for business in businesses}
        if merchant_id not in mine:
            raise NotFound
        ticked = set(request.POST.getlist("hear"))
        business = mine[merchant_id]
        choose_news(
            user=user,
            merchant_id=merchant_id,
            chosen=_chosen(business, ticked),
            paces=_paces(business, request.POST),
        )
        messages.success(request, gettext("Your choice is saved."))
        return redirect("message_preferences")
    context = {
        "businesses": [(one.merchant, _boxes(one)) for one in businesses],
        "mail_off": BUSINESS in user.mail_off,
        "no_mail": not user.email,
    }
    return render(request, "messages/preferences.html", context)


def _chosen(business: Business, ticked: set[str]) -> dict[str, list[str]]:
    """The whole of a form: what is not ticked is not wanted."""
    return {
        heard.news.code: [name for name in Channel.values if f"{heard.news.code}:{name}" in ticked]
        for heard in business.heard
    }


def _paces(business: Business, form: QueryDict) -> dict[str, str]:
    """How often, of the news that ask it; a form without the question changes nothing."""
    asked = {heard.news.code for heard in business.heard if heard.news.together}
    return {code: pace for code in sorted(asked) if (pace := form.get(f"pace:{code}"))}


def _boxes(business: Business) -> list[tuple[Heard, list[tuple[str, Any, bool]], Any]]:
    """Rows of the form: the news, for each channel the box's value, label and tick, and the paces."""
    return [
        (
            heard,
            [
                (f"{heard.news.code}:{channel.value}", channel.label, channel in heard.channels)
                for channel in Channel
            ],
            Pace.choices if heard.news.together else (),
        )
        for heard in business.heard
    ]


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
