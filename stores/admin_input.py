"""What the back office makes of input that no page of ours sends: rows chosen by no key, endless forms."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kernel.numerals import read_number

MOST_ROWS = 120
"""Forms of one kind on a page; a page of as many as are asked for would take minutes and memory."""


def is_key(value: Any) -> bool:
    """Whether ``value`` could be the key of a row."""
    return read_number(str(value)) is not None


def tolerant(field: Any) -> Any:
    """The form field of related rows, which takes keys only, also where it draws itself again.

    Python reads "٣" as the key 3. Django's look-up widget asks the database for whatever was
    sent (AutocompleteMixin.optgroups), which fails where the field's own error should be shown.
    """
    if isinstance(field, ModelChoiceField):
        made: Any = type(field)
        field.__class__ = _of_keys(made)
    if field is not None and hasattr(field.widget, "optgroups"):
        kind: Any = type(field.widget)
        field.widget.__class__ = _tolerant(kind)
    return field


@cache
def _of_keys(kind: Any) -> Any:
    def clean(self: Any, value: Any) -> Any:
        chosen = value if isinstance(value, list | tuple) else [value]
        for key in chosen:
            if key not in self.empty_values and not is_key(key):
                raise ValidationError(
                    self.error_messages["invalid_choice"],
                    code="invalid_choice",
                    params={"value": key},
                )
        return kind.clean(self, value)

    return type(kind.__name__, (kind,), {"clean": clean})


@cache
def _tolerant(kind: Any) -> Any:
    def optgroups(self: Any, name: str, value: Any, attrs: Any = None) -> Any:
        return kind.optgroups(self, name, [v for v in value if not v or is_key(v)], attrs)

    return type(kind.__name__, (kind,), {"optgroups": optgroups})


def keep_keys(request: HttpRequest) -> None:
    """Leave rows out of an action that are named by no key."""
    if request.method != "POST":
        return
    chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
    keys = [value for value in chosen if is_key(value)]
    if keys != chosen:
        post = request.POST.copy()
        post.setlist(ACTION_CHECKBOX_NAME, keys)
        request.POST = post  # type: ignore[assignment]


class SentRows:
    """A formset makes forms of the rows that were sent, however many the page claims to have.

    A claim beyond ``absolute_max`` is refused with a sentence; a hundred forms that nobody has
    filled in took seconds to draw again.
    """

    default_error_messages: ClassVar[dict[str, Any]] = {
        "too_many_forms": _(
            "At most %(num)d rows fit on this page. Nothing was saved; remove some."
        ),
        "missing_management_form": _(
            "The page arrived incomplete. Nothing was saved; open it again and repeat the change."
        ),
    }

    def total_form_count(self) -> int:
        claimed: int = super().total_form_count()  # type: ignore[misc]
        return min(claimed, self._sent()) if self.is_bound else claimed  # type: ignore[attr-defined]

    def _sent(self) -> int:
        """One more than the highest number of a row of which anything was sent."""
        lead = f"{self.prefix}-"  # type: ignore[attr-defined]
        keys = (*self.data, *self.files)  # type: ignore[attr-defined]
        rows = (key[len(lead) :].partition("-")[0] for key in keys if key.startswith(lead))
        return max(
            (number + 1 for row in rows if (number := read_number(row)) is not None), default=0
        )


@cache
def of_sent_rows(kind: Any) -> Any:
    """The formset class ``kind`` that looks at the rows that were sent."""
    return type(kind.__name__, (SentRows, kind), {})
