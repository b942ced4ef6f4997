"""An e-mail address for an account that has none: it counts once its owner opens a link sent to it.

Without one, a forgotten password can't be replaced (members.services.recovery).
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from kernel.emails import read_email
from kernel.errors import InvalidInput
from kernel.http.limits import hit
from kernel.outbox.services import publish
from members.errors import EmailLinkOver, EmailTaken, HasEmail
from members.models import User
from members.services.accounts import PAIR_FAILURES, PAIR_SECONDS
from members.services.mail import absolute, build_email, send_mail

HOUR = 60 * 60
PERSON_REQUESTS = 5
_SALT = "members.add_email"


def ask_to_add_email(*, user: User, email: str, password: str) -> str:
    """Send a link to ``email`` that adds it to the account; return the address as it is stored.

    The password is asked for again: with an address, a found phone would be enough to choose
    a new one. Publishes "email.asked"; nothing counts before the link is used. Raises
    InvalidInput (naming ``email`` or ``password``), HasEmail, EmailTaken, TooManyAttempts:
    PERSON_REQUESTS links an hour, and wrong passwords as in change_password.
    """
    guess = hit("password", str(user.pk), limit=PAIR_FAILURES, period_seconds=PAIR_SECONDS)
    if not user.check_password(password):
        message = _("This is not your current password. No link was sent.")
        raise InvalidInput(fields={"password": [message]})
    guess.give_back()
    if user.email:
        raise HasEmail
    try:
        address = read_email(email)
    except ValidationError as error:
        raise InvalidInput(fields={"email": error.messages}) from None
    if User.objects.all().signing_in_with(address) is not None:
        raise EmailTaken(fields={"email": [str(EmailTaken.message)]})
    hit("add-email", str(user.pk), limit=PERSON_REQUESTS, period_seconds=HOUR)
    with transaction.atomic():
        publish("email.asked", user_id=user.pk, email=address)
    return address


def send_email_link(*, user_id: int, email: str) -> None:
    """Send the link to the address in the person's language (handler of "email.asked").

    Raises what `send_mail` raises.
    """
    user = User.objects.filter(pk=user_id, is_active=True, email__isnull=True).first()
    if user is None:
        return
    path = reverse("email_confirm", args=[email_token(user, email)])
    with translation.override(user.language):
        mail = build_email(
            user=user,
            template="email_link",
            subject=_("Confirm your e-mail address"),
            context={
                "action_url": absolute(path),
                "action_label": _("Confirm the address"),
                "address": email,
            },
            to=email,
        )
    send_mail(mail)


def email_token(user: User, email: str) -> str:
    """A signed token that adds ``email`` once: it dies with the next address or password."""
    return signing.dumps([user.pk, email, _seal(user)], salt=_SALT)


def read_email_token(token: str) -> tuple[User, str]:
    """The person and the address of a token; raises EmailLinkOver.

    It works once, and for settings.PASSWORD_RESET_TIMEOUT seconds.
    """
    try:
        user_id, email, seal = signing.loads(
            token, salt=_SALT, max_age=settings.PASSWORD_RESET_TIMEOUT
        )
    except (signing.BadSignature, ValueError):
        raise EmailLinkOver from None
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not constant_time_compare(seal, _seal(user)):
        raise EmailLinkOver
    return user, email


def confirm_email(*, token: str) -> User:
    """Add the address of a link to its account; from now on it signs in and recovers.

    Compare-and-set on "has none yet". Raises EmailLinkOver, EmailTaken.
    """
    user, email = read_email_token(token)
    try:
        with transaction.atomic():
            if not User.objects.filter(pk=user.pk, email__isnull=True).update(email=email):
                raise EmailLinkOver
    except IntegrityError:
        raise EmailTaken(fields={"email": [str(EmailTaken.message)]}) from None
    user.email = email
    return user


def _seal(user: User) -> str:
    return salted_hmac(_SALT, f"{user.password} {user.email}", algorithm="sha256").hexdigest()
