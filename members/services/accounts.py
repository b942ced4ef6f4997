"""Accounts: register, sign in and out, tokens, passwords, profile.

Limits count failures (sign-in) or attempts (registration) per person and per address; the
numbers are beside the scopes below.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext as _

from kernel.bounds import field_problems
from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.facts.services import About, Kind, record
from kernel.facts.traces import NOBODY, Trace
from kernel.http.limits import forgive, give_back, hit, hit_all, is_remembered, remember
from kernel.ids import new_token
from kernel.plaintext import clean_name
from members.api_auth import token_digest
from members.arrivals import arrivals
from members.errors import (
    AccountOfOperator,
    AddressOfSecondPerson,
    BadCredentials,
    IdentifierTaken,
    WeakPassword,
)
from members.identifiers import fold_identifier, read_identifier
from members.models import ApiToken, User
from stores.access import refuse_without
from stores.codes.sources import code_of_signup
from stores.rights import Right, platform_rights, works_for_platform
from stores.services.approvals import approvals_on
from stores.services.platform import may_agree, refuse_last_platform_owner

QUARTER, HOUR = 15 * 60, 60 * 60
# Wrong passwords: one guesser, one victim from many places, one place at many victims. With the last
# two a stranger could lock people out, so they do not count where the person has signed in before:
# in this browser, which has its own count then, or at this address.
PAIR_FAILURES, PAIR_SECONDS = 8, QUARTER
PERSON_FAILURES, PERSON_SECONDS = 60, HOUR
CLIENT_FAILURES, CLIENT_SECONDS = 60, QUARTER
PLACE_SECONDS = 60 * 24 * HOUR
REGISTRATIONS, REGISTRATION_SECONDS = 30, HOUR
PASSWORD_MAX_LENGTH = 128
NAME_MAX_LENGTH = 60


def register(
    *,
    identifier: str,
    password: str,
    display_name: str,
    language: str = "zh-hans",
    client: str = "",
    trace: Trace = NOBODY,
) -> User:
    """Create an account that signs in with ``identifier`` (an e-mail or a phone number).

    ``trace`` is whose doing it is: the code that was followed before is kept in a fact, which names no account.

    ``client`` is whom to count attempts as (kernel.http.limits.client_address); empty counts
    nothing, for commands. Raises InvalidInput for an identifier that is neither and for a name
    that nobody can read, WeakPassword, IdentifierTaken, TooManyAttempts.
    """
    if client:
        hit("register", client, limit=REGISTRATIONS, period_seconds=REGISTRATION_SECONDS)
    try:
        email, phone = read_identifier(identifier)
    except ValidationError as error:
        raise InvalidInput(fields={"identifier": error.messages}) from None
    name = read_name(display_name)
    user = User(email=email, phone=phone, display_name=name, language=language)
    _check_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
            _record_signup(trace)
    except IntegrityError:
        raise IdentifierTaken(fields={"identifier": [str(IdentifierTaken.message)]}) from None
    return user


def _record_signup(trace: Trace) -> None:
    step = code_of_signup(trace=trace, moment=now())
    about = About(key=secrets.token_hex(12))
    if step is not None:
        about = about._replace(
            merchant_id=step.merchant_id,
            store_id=step.store_id,
            code_id=step.code_id,
            campaign=step.campaign,
        )
    record(Kind.SIGNED_UP, [about], trace=trace)


def import_person(*, identifier: str, display_name: str, language: str = "zh-hans") -> User:
    """Return the account of ``identifier``; make one without a password where there is none.

    For imports: the person sets a password through "forgot password". Safe to repeat. Raises
    InvalidInput for an identifier that is neither an e-mail nor a phone number.
    """
    try:
        email, phone = read_identifier(identifier)
    except ValidationError as error:
        raise InvalidInput(fields={"identifier": error.messages}) from None
    wanted = {"email": email} if email else {"phone": phone}
    user, _made = User.objects.get_or_create(
        **wanted,
        defaults={
            "display_name": read_name(display_name),
            "language": language,
            "password": make_password(None),
        },
    )
    return user


def sign_in(
    *,
    request: HttpRequest | None,
    identifier: str,
    password: str,
    client: str,
    browser: str = "",
) -> User:
    """Check the password and, with a ``request``, open a session on it.

    ``client`` is an address (kernel.http.limits.client_address), ``browser`` the secret of a browser
    (kernel.http.browser.browser_of), "" for programs. Costs one password hash whether or not the
    identifier is known. Raises BadCredentials (counted) or TooManyAttempts, before any hash is
    computed. Wrong passwords that others try stop nobody in a browser or at an address where the
    account was opened, has signed in or chosen a new password in PLACE_SECONDS.
    """
    person = fold_identifier(identifier)
    at_home, at_place = f"{person} {browser}", f"{person} {client}"
    if browser and is_remembered("login-browser", at_home):
        limits = [("login-browser", at_home, PAIR_FAILURES, PAIR_SECONDS)]
    else:
        limits = [("login-pair", at_place, PAIR_FAILURES, PAIR_SECONDS)]
        if not is_remembered("login-place", at_place):
            limits += [
                ("login-client", client, CLIENT_FAILURES, CLIENT_SECONDS),
                ("login-person", person, PERSON_FAILURES, PERSON_SECONDS),
            ]
    counted = hit_all(limits)
    user = authenticate(request, username=identifier, password=password)
    if not isinstance(user, User):
        raise BadCredentials
    give_back(counted)
    _know(person, client, browser)
    if request is not None:
        open_session(request=request, user=user)
    return user


def open_session(*, request: HttpRequest, user: User) -> None:
    """Sign ``user`` in at this browser: what the guest there had kept becomes theirs, once.

    One transaction for all that rooms above keep of a guest (members/arrivals.py); the session is
    written with the answer.
    """
    login(request, user)
    with transaction.atomic():
        for arrival in arrivals():
            arrival(request, user)


def let_in_from(*, user: User, client: str, browser: str = "") -> None:
    """Who has just shown that the account is theirs may sign in from here, whatever strangers tried.

    By opening it, or by a link in the mail: wrong passwords before that count no more.
    """
    for identifier in filter(None, (user.email, user.phone)):
        person = fold_identifier(identifier)
        forgive("login-pair", f"{person} {client}", period_seconds=PAIR_SECONDS)
        forgive("login-browser", f"{person} {browser}", period_seconds=PAIR_SECONDS)
        forgive("login-person", person, period_seconds=PERSON_SECONDS)
        _know(person, client, browser)


def _know(person: str, client: str, browser: str) -> None:
    remember("login-place", f"{person} {client}", seconds=PLACE_SECONDS)
    if browser:
        remember("login-browser", f"{person} {browser}", seconds=PLACE_SECONDS)


def issue_token(*, user: User) -> str:
    """Return a new bearer token, valid for settings.API_TOKEN_DAYS; only its hash is stored."""
    token = new_token()
    ApiToken.objects.create(
        user=user,
        digest=token_digest(token),
        expires_at=now() + dt.timedelta(days=settings.API_TOKEN_DAYS),
    )
    return token


def revoke_token(*, token: ApiToken) -> None:
    """Forget one token; using it from now on is refused."""
    ApiToken.objects.filter(pk=token.pk).delete()


def revoke_tokens(*, user: User) -> int:
    """Forget every token of ``user``; return how many there were."""
    return ApiToken.objects.filter(user=user).delete()[0]


def forget_expired_tokens() -> int:
    """Delete tokens that have run out; return how many."""
    return ApiToken.objects.filter(expires_at__lte=now()).delete()[0]


def change_password(*, user: User, old_password: str, new_password: str) -> None:
    """Replace the password and end every API token; other sessions end with the old hash.

    Raises InvalidInput naming ``old_password``, WeakPassword naming ``new_password``, or
    TooManyAttempts after PAIR_FAILURES wrong old passwords.
    """
    counted = hit("password", str(user.pk), limit=PAIR_FAILURES, period_seconds=PAIR_SECONDS)
    if not user.check_password(old_password):
        message = _("This is not your current password. Your password was not changed.")
        raise InvalidInput(fields={"old_password": [message]})
    counted.give_back()
    _check_password(new_password, user, field="new_password")
    set_password(user=user, password=new_password)


def set_password(*, user: User, password: str) -> None:
    """Store a password that was checked already, and end every API token of ``user``."""
    user.set_password(password)
    with transaction.atomic():
        user.save(update_fields=["password"])
        revoke_tokens(user=user)


def update_profile(
    *, user: User, display_name: str, language: str, mail_off: list[str] | None = None
) -> User:
    """Change the name and the language a person is addressed with, and the e-mails they get.

    ``mail_off`` are names of kernel.message_kinds.MAIL_GROUPS; None leaves them as they are. Raises
    InvalidInput for a name that nobody can read.
    """
    user.display_name, user.language = read_name(display_name), language
    if mail_off is not None:
        user.mail_off = sorted(mail_off)
    user.save(update_fields=["display_name", "language", "mail_off"])
    return user


def change_account(*, user: User, by: User | None = None, **fields: Any) -> User:
    """Change what the operator keeps of an account: name, e-mail, phone, language, whether it is in use.

    ``by`` None is the platform itself. Who may agree to what others ask for keeps their own
    address: whoever changed it could sign in as them and be their own second person. Raises
    NotFound for who may not, AccountOfOperator, AddressOfSecondPerson,
    LastPlatformOwner, InvalidInput as `check_account`, IdentifierTaken when another account has
    the e-mail or phone.
    """
    if by is not None:
        refuse_without(user=by, right=Right.EDIT_PEOPLE)
        refuse_account_of_operator(user=user, by=by)
        _refuse_address_of_second_person(user, by, fields)
    for name, value in fields.items():
        setattr(user, name, value)
    check_account(user)
    try:
        with transaction.atomic():
            if user.is_superuser and not user.is_active:
                refuse_last_platform_owner(user)
            user.save(update_fields=[*fields])
    except IntegrityError:
        raise IdentifierTaken from None
    return user


def refuse_account_of_operator(*, user: User, by: User) -> None:
    """Raise AccountOfOperator when ``user`` has a role on the platform and ``by`` gives none."""
    if works_for_platform(user) and Right.GIVE_ROLES not in platform_rights(by):
        raise AccountOfOperator


def _refuse_address_of_second_person(user: User, by: User, fields: dict[str, Any]) -> None:
    if user.pk == by.pk or not approvals_on() or not may_agree(user):
        return
    kept = User.objects.filter(pk=user.pk).values("email", "phone").get()
    if any(name in fields and (fields[name] or None) != kept[name] for name in kept):
        raise AddressOfSecondPerson


def check_account(user: User) -> None:
    """Raise InvalidInput for a column out of bounds, or without anything to sign in with."""
    problems = field_problems(user, exclude=["avatar", "password", "mail_off"])
    if not user.email and not user.phone:
        problems.setdefault("email", [_("An account needs an e-mail or a phone number.")])
    if problems:
        raise InvalidInput(fields=problems)


def switch_mail(*, user: User, group: str, on: bool) -> None:
    """Switch one group of e-mails on or off; repeating it changes nothing."""
    with transaction.atomic():
        held = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        held.mail_off = sorted({*held.mail_off, group} - ({group} if on else set()))
        held.save(update_fields=["mail_off"])
    user.mail_off = held.mail_off


def log_out_everywhere(*, user: User) -> int:
    """End every session and every API token of ``user``; return how many tokens there were.

    The caller keeps its own session alive with update_session_auth_hash.
    """
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
        ended = revoke_tokens(user=user)
    user.refresh_from_db(fields=["session_round"])
    return ended


def choose_language(*, user: User, language: str) -> None:
    """Remember the language ``user`` picked on a page; an unknown one is ignored."""
    if language in dict(settings.LANGUAGES) and language != user.language:
        User.objects.filter(pk=user.pk).update(language=language)
        user.language = language


def read_name(text: str) -> str:
    """Return what a person is called, clean (kernel.plaintext); raises InvalidInput for display_name."""
    try:
        name = clean_name(text)
    except ValidationError as error:
        raise InvalidInput(fields={"display_name": error.messages}) from None
    if len(name) > NAME_MAX_LENGTH:
        message = _("Please keep it within %(count)s characters.") % {"count": NAME_MAX_LENGTH}
        raise InvalidInput(fields={"display_name": [message]})
    return name


def _check_password(password: str, user: User, field: str = "password") -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(fields={field: error.messages}) from None
