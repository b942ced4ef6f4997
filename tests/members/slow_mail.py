"""A mail server that takes its time before it takes a message."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend as InMemory

SECONDS = 0.3


class EmailBackend(InMemory):
    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        time.sleep(SECONDS)
        return super().send_messages(messages)
