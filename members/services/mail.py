"""Write one e-mail, hand it to the mail server, and tell what can't be delivered from what may later."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.http import HttpRequest
from django.template.loader import render_to_string

from kernel.http.context import site
from kernel.outbox.errors import PermanentFailure
from members.models import User

_REFUSED_FOR_GOOD = range(500, 600)
"""RFC 5321, 4.2.1: a 5yz answer is not to be tried again unchanged; 4yz is."""


def send_mail(mail: EmailMessage) -> None:
    """Send ``mail``; for handlers of the outbox, and never inside a transaction.

    The server has EMAIL_TIMEOUT seconds for each step. Raises PermanentFailure when the address
    or the text can't be written in an e-mail at all, or the server refuses every recipient or
    the message with a 5yz code. Whatever else goes wrong (server away, wrong password, 4yz) is
    raised as it is: the outbox tries again.
    """
    mail.connection = mail.connection or get_connection()
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        if all(code in _REFUSED_FOR_GOOD for code, _text in error.recipients.values()):
            raise PermanentFailure(_refusals(error)) from error
        raise
    except smtplib.SMTPDataError as error:
        if error.smtp_code in _REFUSED_FOR_GOOD:
            raise PermanentFailure(f"refused: {error}") from error
        raise
    except (ValueError, smtplib.SMTPNotSupportedError) as error:  # UnicodeError is a ValueError
        raise PermanentFailure(f"can't be written as an e-mail: {error}") from error


def _refusals(error: smtplib.SMTPRecipientsRefused) -> str:
    return "; ".join(
        f"{address}: {code} {text.decode('utf-8', 'replace')}"
        for address, (code, text) in error.recipients.items()
    )


def build_email(
    *, user: User, template: str, subject: str, context: Mapping[str, Any], to: str = ""
) -> EmailMultiAlternatives:
    """Build an e-mail to ``user`` from templates/emails/``template``.html and .txt.

    The active language is the caller's to set; ``to`` is an address that is not theirs yet.
    """
    everything = {**context, **site(HttpRequest()), "user": user}
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=_tidy(render_to_string(f"emails/{template}.txt", everything)),
        to=[to or user.email or ""],
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(render_to_string(f"emails/{template}.html", everything), "text/html")
    return mail


def _tidy(text: str) -> str:
    """Never more than one empty line: parts of a text that a message has not leave theirs."""
    return re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n"


def absolute(path: str) -> str:
    """The full address of a path of this site, as it may stand in an e-mail."""
    return urljoin(f"{settings.BASE_URL}/", path)
