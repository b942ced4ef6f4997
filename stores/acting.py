"""Who gives a command: ``--as IDENTIFIER`` names a person, whose rights are asked and whose name is kept.

Without it the command is the platform's own, given by whoever may log in to the machine.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from stores.access import refuse_unless_trading
from stores.errors import NotTrading
from stores.models import Merchant
from stores.rights import Right, may


def add_as(parser: ArgumentParser) -> None:
    """The option of every command that does what a role is needed for elsewhere."""
    parser.add_argument(
        "--as",
        dest="acting",
        metavar="IDENTIFIER",
        help="The e-mail or phone of who does this: their role must allow it, and it is written down.",
    )


def acting_person(*, identifier: str | None, right: Right, merchant_id: int) -> Any:
    """The person of ``--as``, None without it. Raises CommandError for who may not."""
    if not identifier:
        return None
    users: Any = get_user_model().objects
    person = users.signing_in_with(identifier)
    if person is None or not person.is_active or not may(person, right, merchant_id=merchant_id):
        text = _("%(person)s may not do this here: %(right)s. Nothing was changed.")
        raise CommandError(text % {"person": identifier, "right": right.label})
    try:
        refuse_unless_trading(merchant_id=merchant_id, by=person)
    except NotTrading as refusal:
        raise CommandError(str(refusal)) from None
    return person


def merchant_named(slug: str) -> Merchant:
    """The merchant of an import's ``--merchant``. Raises CommandError where there is none."""
    merchant = Merchant.objects.filter(slug=slug).first()
    if merchant is None:
        text = _("There is no merchant “%(slug)s”. Nothing was imported.")
        raise CommandError(text % {"slug": slug})
    return merchant


@contextmanager
def recorded(*, command: str, person: Any) -> Iterator[None]:
    """What is changed inside carries the command's name, and the person's id, in its history."""
    facts = {"command": command} | ({"user": person.pk} if person else {})
    with pghistory.context(**facts):
        yield
