"""Account pages: log in and out, register, “Me”, settings, password, language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout as close_session
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from kernel.errors import Refusal
from kernel.http.browser import browser_of, keep_browser
from kernel.http.forms import RefusableForm
from kernel.http.language import remember_language
from kernel.http.limits import client_address
from kernel.http.places import address_of
from kernel.http.reading import next_path
from kernel.http.refused import refused_page
from kernel.http.visits import asks_not_to_be_followed, consent_of, keep_consent, trace_of
from members.forms import (
    AddEmailForm,
    ForgottenPasswordForm,
    LoginForm,
    NewPasswordForm,
    PasswordChangeForm,
    ProfileForm,
    RegisterForm,
)
from members.models import User
from members.services.accounts import (
    change_password,
    choose_language,
    let_in_from,
    log_out_everywhere,
    open_session,
    register,
    sign_in,
    update_profile,
)
from members.services.consent import adopt_consent
from members.services.emails import ask_to_add_email, confirm_email, read_email_token
from members.services.recovery import request_password_reset
from stores.access import role_of, workplace_of

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@sensitive_post_parameters("password")
@form_methods
def login(request: HttpRequest) -> HttpResponse:
    """Log in with e-mail or phone; ``next`` is followed inside this site only."""

    def enter(facts: dict[str, Any]) -> User:
        browser, client = browser_of(request), client_address(request)
        return sign_in(request=request, client=client, browser=browser, **facts)

    return _way_in(request, LoginForm(request.POST or None), "members/login.html", enter)


@never_cache
@sensitive_post_parameters("password")
@form_methods
def register_view(request: HttpRequest) -> HttpResponse:
    """Open an account and log in."""

    def enter(facts: dict[str, Any]) -> User:
        language = get_language() or settings.LANGUAGE_CODE
        client, trace = client_address(request), trace_of(request)
        user = register(language=language, client=client, trace=trace, **facts)
        open_session(request=request, user=user)
        let_in_from(user=user, client=client, browser=browser_of(request))
        messages.success(request, gettext("Welcome. Your account is ready."))
        return user

    return _way_in(request, RegisterForm(request.POST or None), "members/register.html", enter)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session; the next person at this browser starts in the browser's language."""
    close_session(request)
    messages.info(request, gettext("You are logged out."))
    response = redirect(address_of("front"))
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    response["Clear-Site-Data"] = '"cache", "storage"'  # vouchers stored for offline use
    return response


@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """“Me”: where everything of mine is, and the doors that my role opens."""
    user = _user(request)
    avatar_url = user.avatar.url if user.avatar else ""
    context = {"role": role_of(user), "avatar_url": avatar_url}
    return render(request, "members/account.html", context)


@login_required
@form_methods
def settings_view(request: HttpRequest) -> HttpResponse:
    """Name, language and e-mails; what one signs in with is shown."""
    user = _user(request)
    form = ProfileForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        update_profile(
            user=user,
            display_name=form.cleaned_data["display_name"],
            language=form.cleaned_data["language"],
            mail_off=form.mail_off(),
        )
        messages.success(request, gettext("Saved."))
        return _with_language(redirect("settings"), user.language)
    return render(request, "members/settings.html", {"form": form})


@never_cache
@sensitive_post_parameters("old_password", "new_password")
@login_required
@form_methods
def password_change(request: HttpRequest) -> HttpResponse:
    """Change the password; this session goes on, every other one and every API token ends."""
    form = PasswordChangeForm(request.POST or None)

    def change(facts: dict[str, Any]) -> HttpResponse:
        user = _user(request)
        change_password(user=user, **facts)
        update_session_auth_hash(request, user)
        messages.success(request, gettext("Your password has been changed."))
        return redirect("settings")

    done, refusal = _attempt(request, form, change)
    if done:
        return done
    context = {
        "form": form,
        "heading": gettext("Change my password"),
        "lead": gettext("You stay logged in here. All other devices have to log in again."),
        "label": gettext("Change my password"),
    }
    return _form_page(request, "members/own_form.html", context, refusal)


@never_cache
@sensitive_post_parameters("password")
@login_required
@form_methods
def email_add(request: HttpRequest) -> HttpResponse:
    """Ask for the link that adds an e-mail address to my account."""
    form = AddEmailForm(request.POST or None)

    def ask(facts: dict[str, Any]) -> HttpResponse:
        address = ask_to_add_email(user=_user(request), **facts)
        return render(request, "members/email_sent.html", {"address": address})

    done, refusal = _attempt(request, form, ask)
    if done:
        return done
    context = {
        "form": form,
        "heading": gettext("Add an e-mail address"),
        "lead": gettext(
            "We will send a link to it. Once you open the link, you can log in with this "
            "address, and choose a new password if you forget yours."
        ),
        "label": gettext("Send me the link"),
    }
    return _form_page(request, "members/own_form.html", context, refusal)


@never_cache
@form_methods
def email_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: its button adds the address, logged in or not.

    Only a POST adds: programs that look through mail open every link.
    """
    try:
        _person, address = read_email_token(token)
        if request.method == "POST":
            confirm_email(token=token)
            messages.success(request, gettext("Your e-mail address is confirmed."))
            return redirect("settings")
    except Refusal as refusal:
        context = {"refusal": refusal}
        return refused_page(request, "members/email_confirm.html", context, refusal)
    return render(request, "members/email_confirm.html", {"address": address})


@login_required
@require_POST
def log_out_others(request: HttpRequest) -> HttpResponse:
    """End my other sessions and every API token; this browser stays logged in."""
    user = _user(request)
    log_out_everywhere(user=user)
    update_session_auth_hash(request, user)
    messages.success(request, gettext("You are logged out everywhere else."))
    return redirect("settings")


@never_cache
@form_methods
def password_reset(request: HttpRequest) -> HttpResponse:
    """Ask for a link by e-mail. The answer is the same whether or not there is an account."""
    form = ForgottenPasswordForm(request.POST or None)

    def ask(facts: dict[str, Any]) -> HttpResponse:
        request_password_reset(client=client_address(request), **facts)
        return render(request, "members/password_reset_sent.html", facts)

    done, refusal = _attempt(request, form, ask)
    return done or _form_page(request, "members/password_reset.html", {"form": form}, refusal)


class PasswordResetConfirm(PasswordResetConfirmView):
    """The page behind the e-mailed link; Django keeps the token out of the address and referrers."""

    form_class = NewPasswordForm  # type: ignore[assignment]
    template_name = "members/password_reset_confirm.html"
    success_url = reverse_lazy("login")

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:  # type: ignore[override]
        changed = super().form_valid(form)  # type: ignore[arg-type]
        assert form.user is not None
        browser, client = browser_of(self.request), client_address(self.request)
        let_in_from(user=form.user, client=client, browser=browser)
        messages.success(
            self.request, gettext("Your password has been changed. Log in with the new one.")
        )
        return keep_browser(self.request, changed)


def set_language(request: HttpRequest) -> HttpResponse:
    """Django's language switch; a person who is logged in is addressed that way from now on."""
    response: HttpResponse = django_set_language(request)
    if request.method == "POST" and request.user.is_authenticated:
        choose_language(user=_user(request), language=request.POST.get("language", ""))
    return response


def safe_next(request: HttpRequest) -> str:
    """Where to go after logging in: ``next`` when it stays on this site, else home."""
    target = request.POST.get("next") or request.GET.get("next")
    return next_path(request, target) or _home_of(request.user)


def _home_of(user: Any) -> str:
    """Where people do their work: back office, store console; for all others “Me”."""
    work = workplace_of(user) if user.is_authenticated else "none"
    if work == "counter":
        return address_of("counter")
    return reverse("admin:index" if work == "office" else settings.LOGIN_REDIRECT_URL)


def _way_in(
    request: HttpRequest,
    form: RefusableForm,
    template: str,
    enter: Callable[[dict[str, Any]], User],
) -> HttpResponse:
    """Show the form, or ``enter`` with what it says and go on; who is signed in needs none."""
    if request.user.is_authenticated:
        return redirect(safe_next(request))
    done, refusal = _attempt(request, form, lambda facts: _welcome(request, enter(facts)))
    if done:
        return keep_browser(request, done)
    given = request.POST.get("next") or request.GET.get("next") or ""
    context = {"form": form, "next": safe_next(request) if given else ""}
    return _form_page(request, template, context, refusal)


def _attempt(
    request: HttpRequest, form: RefusableForm, act: Callable[[dict[str, Any]], HttpResponse]
) -> tuple[HttpResponse | None, Refusal | None]:
    """What ``act`` answers to a good form; else None, and the refusal that the form shows."""
    if request.method != "POST" or not form.is_valid():
        return None, None
    try:
        return act(form.cleaned_data), None
    except Refusal as refusal:
        form.refuse(refusal)
        return None, refusal


def _form_page(
    request: HttpRequest, template: str, context: dict[str, Any], refusal: Refusal | None
) -> HttpResponse:
    """The form again: 200 as for any mistake in it, unless it was sent too often."""
    too_often = refusal if refusal and refusal.status == 429 else None
    return refused_page(request, template, context, too_often)


def _welcome(request: HttpRequest, user: User) -> HttpResponse:
    """Go on in the language picked before logging in, else the person's own; so with being counted."""
    choose_language(user=user, language=request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))
    response = _with_language(redirect(safe_next(request)), user.language)
    # A browser that asks not to be followed says so for itself, and answers for nobody elsewhere.
    answered = None if asks_not_to_be_followed(request) else consent_of(request)
    consent = adopt_consent(user=user, answered=answered)
    return response if consent is None else keep_consent(request, response, consent=consent)


def _with_language(response: HttpResponseRedirect, language: str) -> HttpResponse:
    remember_language(response, language)
    return response


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
