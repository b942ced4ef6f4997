"""Filters in the address of a list: impossible ones are ignored, and the page says so.

A list is shown whatever its address says: links grow old, and people change addresses by hand. But
a filter that was asked for and does not hold must not look as if it did. The judge is the form;
the page shows its `left_out` above the list, outside of anything that is shared between visitors.
The API answers 400 to the same (kernel/http/problems.py).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

LONGEST_SHOWN = 30
CONTRADICTION = "contradiction"


def quotable(value: object) -> str:
    """What stood in an address, fit to be repeated on a page: one line of at most 30 characters."""
    text = str(value)
    plain = "".join(char if char.isprintable() else " " for char in text[: LONGEST_SHOWN + 1])
    return f"{plain[:LONGEST_SHOWN]}…" if len(text) > LONGEST_SHOWN else plain


class FilterForm(forms.Form):
    """A list's filters. ``unreadable``: per field, the sentence for a value that is none, with ``%(value)s``."""

    unreadable: ClassVar[dict[str, str | Promise]] = {}

    def values(self) -> dict[str, Any]:
        """The filters that hold; what cannot be meant is not among them."""
        self.is_valid()
        return self.cleaned_data

    def left_out(self) -> list[str]:
        """One sentence for each filter that does not hold: which one, and why."""
        return [self._sentence(name, errors[0]) for name, errors in self.errors.as_data().items()]

    def contradict(self, name: str, sentence: str) -> None:
        """Leave out what is readable but does not go together; ``sentence`` says so as a whole."""
        self.add_error(name, ValidationError(sentence, code=CONTRADICTION))

    def _sentence(self, name: str, error: ValidationError) -> str:
        if error.code == CONTRADICTION:
            return str(error.messages[0])
        given = {"value": quotable(self.data.get(name, ""))}
        if error.code == "max_length":
            given["most"] = str(self.fields[name].max_length)  # type: ignore[attr-defined]
            return _("“%(value)s” is longer than %(most)s characters; it was left out.") % given
        if error.code == "max_value":
            return _("“%(value)s” is more than anything costs here; it was left out.") % given
        return (
            str(self.unreadable.get(name, _("“%(value)s” makes no sense here; it was left out.")))
            % given
        )
