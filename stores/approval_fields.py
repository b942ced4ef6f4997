"""What the fields of a request may be: each kind names its own (stores.approvals), read in one way.

Ids and amounts are whole numbers, as numbers or in ASCII digits; a switch is true or false; a
moment has its zone and is kept in UTC. What a kind does not know is refused, never left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kernel.bounds import read_moment, validate_line, validate_moment
from kernel.errors import InvalidInput
from kernel.numerals import MAX_ID, read_number
from kernel.plaintext import check_readable
from stores.commission_rates import read_rate

MAX_TEXT = 200


class Field(NamedTuple):
    """``read`` returns the value as it is kept, and raises InvalidInput or ValidationError."""

    read: Callable[[Any], Any]
    required: bool = True
    nullable: bool = False


def read_payload(fields: Mapping[str, Field], sent: Mapping[str, Any]) -> dict[str, Any]:
    """The values of ``sent`` as the kind keeps them; raises InvalidInput, by the names that were sent."""
    problems = {name: [_("There is no such field.")] for name in sent if name not in fields}
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in sent:
            if field.required:
                problems[name] = [_("This is missing. Send it.")]
            continue
        if sent[name] is None and field.nullable:
            values[name] = None
            continue
        try:
            values[name] = field.read(sent[name])
        except ValidationError as error:
            problems[name] = error.messages
        except InvalidInput as error:
            problems[name] = [str(error)]
    if problems:
        raise InvalidInput(fields=problems)
    return values


def whole_id(value: Any) -> int:
    """An id."""
    return _whole(value, _("Send ids as whole numbers."))


def whole_fen(value: Any) -> int:
    """An amount in fen, not below zero."""
    return _whole(value, _("Send fen as a whole number."))


def _whole(value: Any, refusal: str) -> int:
    number = value if type(value) is int and 0 <= value <= MAX_ID else read_number(value)
    if number is None:
        raise ValidationError(refusal)
    return number


def flag(value: Any) -> bool:
    """True or false, and nothing that only reads like it."""
    if type(value) is not bool:
        raise ValidationError(_("Send true or false."))
    return value


def line(value: Any) -> str:
    """A text of one line."""
    if not isinstance(value, str):
        raise ValidationError(_("Send a text."))
    if len(value) > MAX_TEXT:
        raise ValidationError(_("This is too long."))
    validate_line(value)
    check_readable(value)
    return value


def rate(value: Any) -> str:
    """A commission rate, with four decimals."""
    return f"{read_rate(line(value)):.4f}"


def moment(value: Any) -> str:
    """A moment inside the bounds, in UTC."""
    found = read_moment(value)
    if found is None:
        raise ValidationError(_("Send a moment with its zone, such as 2026-12-01T00:00:00+08:00."))
    validate_moment(found)
    return found.astimezone(dt.UTC).isoformat()
