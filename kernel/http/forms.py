from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.bounds import validate_day, validate_moment
from kernel.errors import Refusal
from kernel.money import fen_to_yuan
from kernel.numerals import has_other_digits, is_numeral
from kernel.plaintext import clean_line, clean_name, clean_text


class LineField(forms.CharField):
    """One line that a person types: clean, as services store it, before it is counted."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean_line(text) if isinstance(text, str) else text


class NameField(LineField):
    """What somebody is called: never blank to the eye, no marks of direction."""

    def to_python(self, value: Any) -> Any:
        text = forms.CharField.to_python(self, value)
        return clean_name(text) if text else text


class TextField(forms.CharField):
    """Lines that a person types; a line end counts as one character, as in the browser."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.Textarea, **kwargs})

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean_text(text) if isinstance(text, str) else text


class LinesField(forms.CharField):
    """Lines as they were typed, but for their ends: a browser sends two characters for one."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if isinstance(text, str) else text


class _Numeral:
    """A number that is typed: in the digits 0–9 (kernel/numerals.py), no powers of ten.

    Its box is a text box: one for numbers drops what it does not know before anybody sees it, so
    that "12,50" arrives as 1250.
    """

    keyboard = "decimal"
    how = _("Enter the number in the digits 0 to 9, with a point before decimals, such as 12.5.")

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        widget: Any = self.widget  # type: ignore[attr-defined]
        if getattr(widget, "input_type", "") == "number":
            widget.input_type = "text"
            widget.attrs = {
                k: v for k, v in widget.attrs.items() if k not in {"min", "max", "step"}
            }
            widget.attrs.setdefault("inputmode", self.keyboard)

    def to_python(self, value: Any) -> Any:
        typed = isinstance(value, str) and value.strip()
        if typed and (not is_numeral(value) or "e" in value.lower()):
            raise forms.ValidationError(self.how, code="invalid")
        return super().to_python(value)  # type: ignore[misc]


class WholeField(_Numeral, forms.IntegerField):
    """A whole number."""

    keyboard = "numeric"
    how = _("Enter a whole number in the digits 0 to 9.")


class DecimalField(_Numeral, forms.DecimalField):
    """A decimal number."""


class YuanField(DecimalField):
    """An amount that is typed in yuan with two decimals at most, and cleans to fen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_digits": 14, "decimal_places": 2, **options})

    def prepare_value(self, value: Any) -> Any:
        return fen_to_yuan(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        try:
            yuan = super().clean(value)
        except forms.ValidationError as error:
            raise _amount_error(error) from None
        return None if yuan is None else int(yuan * 100)

    def has_changed(self, initial: Any, data: Any) -> bool:
        shown = fen_to_yuan(initial) if isinstance(initial, int) else initial
        return super().has_changed(shown, data)


def _amount_error(error: forms.ValidationError) -> forms.ValidationError:
    """What to enter instead; the code tells what was wrong."""
    code = str(error.error_list[0].code)
    if code == "max_value":
        return error
    if code == "required":
        return forms.ValidationError(_("Enter an amount."), code=code)
    text = _("Enter an amount in yuan with two decimals at most, such as 36.00.")
    return forms.ValidationError(text, code="invalid")


class FloatField(_Numeral, forms.FloatField):
    """A measured number, such as degrees."""


class _Calendar:
    """A day or a time that is typed: in the digits 0–9 (kernel/numerals.py), inside the bounds."""

    how = _("Enter the date in the digits 0 to 9, such as 2026-12-31.")

    def clean(self, value: Any) -> Any:
        parts = value if isinstance(value, (list, tuple)) else [value]
        if any(isinstance(part, str) and has_other_digits(part) for part in parts):
            raise forms.ValidationError(self.how, code="invalid")
        found = super().clean(value)  # type: ignore[misc]
        if found is not None:
            self.judge(found)
        return found

    def judge(self, found: Any) -> None:
        """Raise for what no calendar of ours holds."""


class DayField(_Calendar, forms.DateField):
    """A day of the calendar."""

    def judge(self, found: Any) -> None:
        validate_day(found)


class MomentField(_Calendar, forms.SplitDateTimeField):
    """A day and a time, in two boxes."""

    how = _("Enter date and time in the digits 0 to 9, such as 2026-12-31 and 18:30.")

    def judge(self, found: Any) -> None:
        validate_day(found.date())  # as it was typed: the last day begins a day earlier in UTC
        validate_moment(found)


class ClockField(_Calendar, forms.TimeField):
    """A time of day."""

    how = _("Enter the time in the digits 0 to 9, such as 18:30.")


TYPED_FIELDS: dict[type[models.Field[Any, Any]], type[forms.Field]] = {
    models.TextField: LinesField,
    models.IntegerField: WholeField,
    models.DecimalField: DecimalField,
    models.FloatField: FloatField,
    models.DateTimeField: MomentField,
    models.DateField: DayField,
    models.TimeField: ClockField,
}


def typed_field_of(column: models.Field[Any, Any]) -> type[forms.Field] | None:
    """The field in which numbers, lines, days or times of ``column`` are typed; None for another kind.

    A column of moments is one of days to Python: it is asked about first.
    """
    kinds = (form for kind, form in TYPED_FIELDS.items() if isinstance(column, kind))
    return next(kinds, None)


def uncut(field: Any) -> Any:
    """``field`` with a box that takes more than fits: the answer says how much is too much.

    A browser cuts what is pasted at ``maxlength`` and says nothing; the rest would be lost unseen.
    """
    if field is not None:
        field.widget.attrs.pop("maxlength", None)
    return field


class RefusableForm(forms.Form):
    """A form that shows what a service refused, beside the field it names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            uncut(field)

    def refuse(self, refusal: Refusal) -> None:
        """Take over the sentences of a refusal."""
        fields = refusal.by_field
        for name, messages in fields.items():
            self.add_error(name if name in self.fields else None, messages)
        if not fields:
            self.add_error(None, str(refusal))
