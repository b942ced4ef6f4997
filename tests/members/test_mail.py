"""What a mail server's answer means for the outbox; the server is real and speaks SMTP."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.mail import EmailMessage

from kernel.outbox.errors import PermanentFailure
from kernel.outbox.models import Delivery
from members.models import User
from members.services.mail import send_mail
from messages.models import Notification
from messages.services.email import send_email
from messages.services.notify import notify
from tests.factories import make_user

FACTS: dict[str, Any] = {
    "number": "R1",
    "total_fen": 100,
    "paid_at": None,
    "title_en": "A",
    "title_zh": "一",
    "items": [],
}


def _talk(line: Any, answers: dict[str, str]) -> None:
    """One conversation; ``answers`` replaces "250 ok" by the first word of a command."""
    line.sendall(b"220 hello\r\n")
    text = line.makefile("rb")
    in_data = False
    for raw in text:
        if in_data:
            if raw.strip() == b".":
                in_data = False
                line.sendall(f"{answers.get('.', '250 taken')}\r\n".encode())
            continue
        word = raw.split()[0].upper().decode()
        if word == "DATA":
            in_data = True
        usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(word, "250 ok")
        line.sendall(f"{answers.get(word, usual)}\r\n".encode())
        if word == "QUIT":
            return


@contextmanager
def smtp(settings: Any, answers: dict[str, str] | None) -> Iterator[None]:
    """A mail server; without answers it takes the connection and then says nothing."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        lines: list[socket.socket] = []

        def serve() -> None:
            try:
                while True:
                    line, _address = server.accept()
                    lines.append(line)
                    if answers is not None:
                        _talk(line, answers)
                        line.close()
            except OSError:
                return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        server.shutdown(socket.SHUT_RDWR)
        for line in lines:
            line.close()
        thread.join(5)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"RCPT": "550 no such mailbox"}, PermanentFailure),
        ({".": "554 not wanted here"}, PermanentFailure),
        ({"RCPT": "450 come back later"}, OSError),
        ({".": "451 come back later"}, OSError),
        ({"MAIL": "530 log in first"}, OSError),  # our own set-up: mended, not given up
    ],
)
def test_a_refusal_for_good_is_told_from_one_for_now(
    settings: Any, answers: dict[str, str], error: type[Exception]
) -> None:
    with smtp(settings, answers), pytest.raises(error) as caught:
        send_mail(EmailMessage("Hello", "text", "shop@example.com", ["guest@example.com"]))
    assert isinstance(caught.value, PermanentFailure) == (error is PermanentFailure)


def test_a_server_that_takes_the_mail(settings: Any) -> None:
    with smtp(settings, {}):
        send_mail(EmailMessage("Hello", "text", "shop@example.com", ["guest@example.com"]))


def test_a_server_that_says_nothing_is_given_up_after_the_time_out(settings: Any) -> None:
    assert 0 < settings.EMAIL_TIMEOUT <= 10
    settings.EMAIL_TIMEOUT = 1
    began = time.monotonic()
    with smtp(settings, None), pytest.raises(OSError, match="timed out"):
        send_mail(EmailMessage("Hello", "text", "shop@example.com", ["guest@example.com"]))
    assert time.monotonic() - began < 5


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["guest@" + "ß" * 64 + ".example", "a\nb@example.com"])
def test_an_address_that_cannot_be_written_is_parked_with_its_reason(
    settings: Any, drain: Callable[..., int], address: str
) -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).update(email=address)
    with smtp(settings, {}):
        notify(user_id=user.pk, kind="order_paid", params=FACTS, link="/", dedupe_key="k")
        drain(strict=False)
    delivery = Delivery.objects.get(consumer="send_email")
    assert delivery.parked_at is not None
    assert "can't be written" in delivery.error
    message = Notification.objects.get()
    assert message.emailed_at is None
    assert message.dispatches.get().state == "waiting"


@pytest.mark.django_db
def test_a_mail_that_failed_can_be_sent_at_once(settings: Any, mailoutbox: Any) -> None:
    message = notify(
        user_id=make_user().pk, kind="order_paid", params=FACTS, link="/", dedupe_key="k"
    )
    assert message is not None
    backend = settings.EMAIL_BACKEND
    with smtp(settings, {"RCPT": "450 later"}), pytest.raises(OSError):
        send_email(notification_id=message.pk)
    settings.EMAIL_BACKEND = backend
    send_email(notification_id=message.pk)
    assert len(mailoutbox) == 1
