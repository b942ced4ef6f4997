"""The back office's screens, found by looking: every list a role may open, and its first row."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from django.contrib import admin
from django.test import Client
from django.urls import reverse

from members.models import User
from tools.screenshots.screens import Role, Screen

CHANGE = re.compile(r'href="(/admin/\w+/\w+/\d+/change/)[^"]*"')


def office_screens(user: User, who: Role) -> Iterator[Screen]:
    """The lists that ``user`` may open, each with the page of its first row."""
    logging.getLogger("django.request").setLevel(logging.CRITICAL)  # refusals are expected
    client = Client(headers={"host": "localhost", "accept-language": "en"})
    client.force_login(user)
    for model in sorted(admin.site._registry, key=lambda model: model._meta.label_lower):
        name = f"admin-{who}-{model._meta.model_name}"
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        answer = client.get(path)
        if answer.status_code != 200:
            continue
        yield Screen(f"{name}-list", path, who)
        row = CHANGE.search(answer.content.decode())
        if row:
            yield Screen(f"{name}-row", row[1], who)
