"""Contracts: agreed to by two people, from a moment on that has not been yet."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Category
from kernel.bounds import MAX_COUNT, validate_moment
from kernel.clock import now
from kernel.errors import InvalidInput, NotFound
from kernel.http.templatetags.fmt import fen
from payments.errors import ContractExists
from payments.models import Contract
from stores.access import refuse_without
from stores.commission_rates import read_rate
from stores.models import Merchant
from stores.rights import Right
from stores.services.approvals import refuse_alone

MAX_CAMPAIGN = 64


class Terms(NamedTuple):
    """What a contract is to say (payments.models.Contract)."""

    rate: Decimal
    starts_at: dt.datetime
    category_id: int | None = None
    campaign: str = ""
    fixed_fen: int = 0
    platform_in_base: bool = True
    points_in_base: bool = True
    partners_in_base: bool = True
    ends_at: dt.datetime | None = None


def check_terms(terms: Terms) -> Terms:
    """The terms as they would be written. Raises InvalidInput by field."""
    problems: dict[str, list[str]] = {}
    for name in ("starts_at", "ends_at"):
        moment = getattr(terms, name)
        try:
            if moment is not None:
                validate_moment(moment)
        except ValidationError as error:
            problems[name] = error.messages
    if problems:
        raise InvalidInput(fields=problems)
    if terms.starts_at < now():
        problems["starts_at"] = [_("A contract begins later than now: orders placed keep theirs.")]
    if terms.ends_at is not None and terms.ends_at <= terms.starts_at:
        problems["ends_at"] = [_("It ends after it begins.")]
    if not 0 <= terms.fixed_fen <= MAX_COUNT:
        problems["fixed_fen"] = [
            _("Enter an amount between ¥0.00 and %(most)s.") % {"most": fen(MAX_COUNT, "exact")}
        ]
    if len(terms.campaign) > MAX_CAMPAIGN or not terms.campaign.isprintable():
        problems["campaign"] = [_("Enter the name of one rule of price.")]
    known = terms.category_id is None or Category.objects.filter(pk=terms.category_id).exists()
    if not known:
        problems["category"] = [_("There is no such category.")]
    if problems:
        raise InvalidInput(fields=problems)
    return terms._replace(rate=read_rate(str(terms.rate)), campaign=terms.campaign.strip())


def refuse_twin(*, merchant_id: int, terms: Terms) -> None:
    """Raise ContractExists where the merchant has this very contract: every term the same."""
    twin = Contract.objects.filter(merchant=merchant_id, **terms._asdict()).first()
    if twin is not None:
        raise ContractExists(contract=twin.pk)


def make_contract(
    *, merchant_id: int, terms: Terms, by: Any = None, approved_by: Any = None
) -> Contract:
    """Let a contract begin: it counts for orders placed while it runs; placed ones keep theirs.

    ``by`` asked and ``approved_by`` agreed (payments.approvals); ``by`` None is a command. Locks
    the merchant, and marks it as one that has contracts: an order asks for them then. Raises
    `lacking_of` the merchant, NotFound, SecondPersonNeeded, InvalidInput, ContractExists.
    """
    if by is not None:
        refuse_without(user=by, right=Right.SET_COMMISSION, merchant_id=merchant_id)
    refuse_alone(by=by, approved_by=approved_by)
    exact = check_terms(terms)
    with transaction.atomic():
        merchant = Merchant.objects.select_for_update(no_key=True).filter(pk=merchant_id).first()
        if merchant is None:
            raise NotFound
        refuse_twin(merchant_id=merchant_id, terms=exact)
        made = Contract.objects.create(
            merchant=merchant, asked_by=by, approved_by=approved_by, **exact._asdict()
        )
        if not merchant.has_contracts:
            merchant.has_contracts = True
            merchant.save(update_fields=["has_contracts"])
    return made
