"""Make, change and close codes."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from kernel.clock import now
from kernel.errors import InvalidInput
from kernel.http.limits import hit
from kernel.http.seo.public import absolute
from kernel.ids import new_short_code
from kernel.plaintext import clean_name
from stores.access import lacking_of, refuse_unless_trading
from stores.codes.errors import CodeClosed
from stores.codes.models import Code, usual_channel
from stores.codes.targets import find_page
from stores.models import Merchant, StaffMembership, Store
from stores.rights import Right, may, merchants_where, platform_rights, stores_where

OF_PEOPLE = frozenset({Code.Kind.STAFF, Code.Kind.PERSON})
UNKNOWN_A_DAY, DAY_SECONDS = 30, 24 * 60 * 60
"""Addresses without an account that one person may try: nobody finds out who is a member."""
MOST_TRIES = 5


class CodeAsked(NamedTuple):
    """What somebody wants. ``person`` is an e-mail or a phone; ``target`` an address of ours.

    ``channel`` "" is the usual one of such a code.
    """

    kind: str
    name: str
    store: Store | None = None
    person: str = ""
    target: str = ""
    campaign: str = ""
    channel: str = ""


def address_of_code(code: Code) -> str:
    """What its QR code says: an address that any phone's camera opens."""
    return absolute(reverse("code", args=[code.code]))


def codes_of(user: Any, right: Right = Right.SEE_CODES) -> QuerySet[Code]:
    """The codes for which ``user`` holds ``right``: of whole businesses, or of single stores."""
    rows = Code.objects.select_related("merchant", "store", "person")
    if right in platform_rights(user):
        return rows
    return rows.filter(
        Q(merchant__in=merchants_where(user, right)) | Q(store__in=stores_where(user, right))
    )


def own_codes(user: Any) -> QuerySet[Code]:
    """The open codes that stand for ``user``: what a clerk shows to guests."""
    rows = Code.objects.open().filter(person_id=user.pk).select_related("merchant", "store")
    return rows.filter(Q(merchant__isnull=True) | Q(merchant__state=Merchant.State.APPROVED))


def check_code(*, merchant: Merchant | None, asked: CodeAsked, by: Any) -> Code:
    """Return the code as it would be written, when ``by`` may make it; writes nothing.

    Raises NotFound without Right.EDIT_CODES for the merchant (None: the platform) or for the store,
    NotTrading, InvalidInput, TooManyAttempts after UNKNOWN_A_DAY people whom nobody knows.
    """
    _refuse(by, merchant.pk if merchant else None, asked.store)
    errors: dict[str, list[str]] = {}
    if asked.store is not None and asked.store.merchant_id != (merchant.pk if merchant else None):
        errors["store"] = [gettext("This store belongs to another business.")]
    code = Code(
        merchant=merchant,
        kind=asked.kind,
        store=asked.store,
        campaign=asked.campaign.strip().lower(),
        channel=asked.channel or usual_channel(asked.kind, in_store=asked.store is not None),
        made_by=by if getattr(by, "pk", None) else None,
    )
    person, reason = _person(merchant, asked, by)
    if reason:
        errors["person"] = [reason]
    code.person = person
    _describe(code, asked.name, asked.target, errors)
    return code


def make_code(*, merchant: Merchant | None, asked: CodeAsked, by: Any) -> Code:
    """Write a code with a short address of its own. Errors as check_code."""
    code = check_code(merchant=merchant, asked=asked, by=by)
    for _try in range(MOST_TRIES):
        code.code = new_short_code()
        try:
            with transaction.atomic():
                code.save()
        except IntegrityError:  # one in a thousand million, times the codes there are
            continue
        return code
    raise CodeClosed  # pragma: no cover


def check_change(
    *, code: Code, name: str, target: str, campaign: str, by: Any, channel: str = ""
) -> Code:
    """Return ``code`` with its new name, page and campaign, when ``by`` may change it; writes nothing.

    ``channel`` "" leaves its channel as it is. Raises NotFound, NotTrading, CodeClosed, InvalidInput.
    """
    _refuse(by, code.merchant_id, code.store)
    if not code.is_open:
        raise CodeClosed
    code.campaign = campaign.strip().lower()
    code.channel = channel or code.channel
    _describe(code, name, target, {})
    return code


def change_code(
    *, code: Code, name: str, target: str, campaign: str, by: Any, channel: str = ""
) -> Code:
    """Rename a code, or let it lead to another page; what it is and whose stays. Errors as check_change.

    Another channel is its channel for all that it ever brought.
    """
    row = check_change(
        code=code, name=name, target=target, campaign=campaign, by=by, channel=channel
    )
    won = Code.objects.filter(pk=row.pk, closed_at__isnull=True).update(
        name=row.name,
        target=row.target,
        product_id=row.product_id,
        campaign=row.campaign,
        channel=row.channel,
    )
    if not won:
        raise CodeClosed
    return row


def close_code(*, code: Code, by: Any) -> Code:
    """Close a code: who scans it is told that it is over. Safe to repeat; raises NotFound."""
    _refuse_without(by, code.merchant_id, code.store)
    Code.objects.filter(pk=code.pk, closed_at__isnull=True).update(closed_at=now())
    code.refresh_from_db(fields=["closed_at"])
    return code


def _may_edit(by: Any, merchant_id: int | None, store: Store | None) -> bool:
    if by is None:
        return True
    if may(by, Right.EDIT_CODES, merchant_id=merchant_id):
        return True
    # The right at a store is for codes of its own business: never for the platform's, nor for another's.
    return (
        store is not None
        and store.merchant_id == merchant_id
        and may(by, Right.EDIT_CODES, store_id=store.pk)
    )


def _refuse_without(by: Any, merchant_id: int | None, store: Store | None) -> None:
    if not _may_edit(by, merchant_id, store):
        raise lacking_of(by, Right.EDIT_CODES, merchant_id=merchant_id, at_store=store is not None)


def _refuse(by: Any, merchant_id: int | None, store: Store | None) -> None:
    _refuse_without(by, merchant_id, store)
    if merchant_id is not None:
        refuse_unless_trading(merchant_id=merchant_id, by=by)


def _person(merchant: Merchant | None, asked: CodeAsked, by: Any) -> tuple[Any, str]:
    """Whom the code stands for, or why it can't be said."""
    text = asked.person.strip()
    if asked.kind not in OF_PEOPLE:
        return None, gettext("Only codes of staff and of persons name somebody.") if text else ""
    if not text:
        return None, gettext("Enter the e-mail or the phone number of this person.")
    users: Any = get_user_model().objects
    person = users.signing_in_with(text)
    if person is None:
        if by is not None:
            hit("code-person", str(by.pk), limit=UNKNOWN_A_DAY, period_seconds=DAY_SECONDS)
        return None, gettext("Nobody has an account with this e-mail or phone number.")
    if asked.kind == Code.Kind.STAFF:
        works = StaffMembership.objects.filter(user_id=person.pk, merchant=merchant, active=True)
        if merchant is None or not works.exists():
            return None, gettext("This person does not work for the business.")
    return person, ""


def _describe(code: Code, name: str, target: str, errors: dict[str, list[str]]) -> None:
    """Set name and page; raises InvalidInput with ``errors`` and what else is wrong."""
    try:
        code.name = clean_name(name)
    except ValidationError as error:
        errors["name"] = list(error.messages)
    code.target, code.product_id = "", None
    if target.strip():
        page = find_page(target, merchant_id=code.merchant_id)
        if page is None:
            errors["target"] = [
                gettext("Enter the address of one of your own pages that guests can see.")
            ]
        else:
            code.target, code.product_id = page.path, page.product_id
    try:
        code.clean_fields(exclude=["code", "merchant", "store", "person", "made_by"])
    except ValidationError as error:
        for field, texts in error.message_dict.items():
            errors.setdefault(field, list(texts))
    if errors:
        raise InvalidInput(fields=errors)
