"""Hand one e-mail to the mail server, and tell what can't be delivered from what may work later."""

from __future__ import annotations

import smtplib

from django.core.mail import EmailMessage, get_connection

from kernel.outbox.errors import PermanentFailure

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
