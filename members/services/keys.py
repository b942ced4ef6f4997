"""API keys: bearer tokens with a name and only the scopes that their program needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from kernel.http.scopes import Scope, ScopeMissing
from kernel.ids import new_token
from kernel.plaintext import clean_name
from members.api_auth import token_digest
from members.models import ApiToken, User

MOST_KEYS = 20
NAME_MAX_LENGTH = 60


def keys_of(user: User) -> QuerySet[ApiToken]:
    """The keys that the person has made and that still work, the newest first."""
    return ApiToken.objects.filter(user=user, expires_at__gt=now()).exclude(name="")


def make_key(
    *, user: User, name: str, scopes: Iterable[str], held: Collection[str] | None = None
) -> tuple[ApiToken, str]:
    """Make a key with at least one scope and return it with its token, told only now.

    Good for settings.API_TOKEN_DAYS. ``held`` are the scopes of the token that asks (None: all):
    no key makes another one that may do more. Raises InvalidInput, ScopeMissing.
    """
    wanted = [scope for scope in Scope.values if scope in set(scopes)]
    if not wanted or set(scopes) - set(wanted):
        raise InvalidInput(fields={"scopes": [_("Choose one scope at least, from the list.")]})
    for scope in wanted:
        if held is not None and scope not in held:
            raise ScopeMissing(scope=scope)
    try:
        clean = clean_name(name)
        if len(clean) > NAME_MAX_LENGTH:
            raise ValidationError(_("Shorten the name to 60 characters."))
    except ValidationError as error:
        raise InvalidInput(fields={"name": error.messages}) from None
    token = new_token()
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(
            pk=user.pk
        )  # of two at once the later one counts both
        if keys_of(user).count() >= MOST_KEYS:
            raise InvalidInput(fields={"name": [_("Revoke a key first: twenty is the most.")]})
        key = ApiToken.objects.create(
            user=user,
            name=clean,
            scopes=wanted,
            digest=token_digest(token),
            expires_at=now() + dt.timedelta(days=settings.API_TOKEN_DAYS),
        )
    return key, token


def revoke_key(*, user: User, key_id: int) -> None:
    """Forget one of the person's keys; raises NotFound."""
    gone, _rows = ApiToken.objects.filter(user=user, pk=key_id).exclude(name="").delete()
    if not gone:
        raise NotFound
