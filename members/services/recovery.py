"""A forgotten password: a link by e-mail, asked for on a page and sent by a worker."""

from __future__ import annotations

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from kernel.errors import TooManyAttempts
from kernel.http.limits import hit
from kernel.outbox.services import publish
from members.identifiers import fold_identifier
from members.models import User
from members.services.mail import absolute, build_email, send_mail

HOUR = 60 * 60
PERSON_REQUESTS, CLIENT_REQUESTS = 3, 20


def request_password_reset(*, email: str, client: str) -> None:
    """Ask for a link to choose a new password; publishes "password.forgotten" when there is an account.

    The caller learns nothing about the account, by answer or by time: the mail is sent later.
    Of more than PERSON_REQUESTS an hour for one account, by whomever, no further mail is sent:
    those that were sent have links that work. Raises TooManyAttempts for one who asks for many.
    """
    person = fold_identifier(email)
    hit("forgot-client", client, limit=CLIENT_REQUESTS, period_seconds=HOUR)
    try:
        hit("forgot-person", person, limit=PERSON_REQUESTS, period_seconds=HOUR)
    except TooManyAttempts:
        return
    user = User.objects.filter(is_active=True, email__isnull=False).signing_in_with(email)
    if user is not None:
        with transaction.atomic():
            publish("password.forgotten", user_id=user.pk)


def send_password_reset(*, user_id: int) -> None:
    """E-mail the link in the person's language (handler of "password.forgotten").

    The link dies with its first use, with a login, and after PASSWORD_RESET_TIMEOUT seconds. Its
    token is made here and stands nowhere in the database. Repeated after a crash it sends a
    second link that is as good as the first. Raises what `send_mail` raises.
    """
    user = User.objects.filter(pk=user_id, is_active=True, email__isnull=False).first()
    if user is None:
        return
    path = reverse(
        "password_reset_confirm",
        kwargs={
            "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
            "token": default_token_generator.make_token(user),
        },
    )
    with translation.override(user.language):
        mail = build_email(
            user=user,
            template="password_reset",
            subject=_("Choose a new password"),
            context={"action_url": absolute(path), "action_label": _("Choose a new password")},
        )
    send_mail(mail)
