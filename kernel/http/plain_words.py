"""The sentences of Django and DRF in the words of this shop: what to enter, with the real bound.

"Ensure this value is less than or equal to 2147483647." helps nobody. Every form, model field and
API field takes its sentences from the classes below, so they are changed there, once, for all that
is built later. `speak_in_forms` runs before any form is made, `speak_in_api` once the apps are ready.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core import validators
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, serializers

FILL_IN = _("Please fill this in.")
CHOOSE = _("Choose one of the list; this is not among them.")


class Counted:
    """A sentence with %-parameters whose numbers are written as people read them: 2,147,483,647."""

    def __init__(self, sentence: Promise) -> None:
        self._sentence = sentence

    def __mod__(self, params: dict[str, Any]) -> str:
        shown = {name: _grouped(value) for name, value in params.items()}
        return str(self._sentence) % shown

    def __str__(self) -> str:
        return str(self._sentence)


def _grouped(value: Any) -> Any:
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return f"{value:,}" if number else value


def speak_in_forms() -> None:
    """Give forms, validators and model fields of Django their sentences."""
    for field, sentences in _FORMS.items():
        field.default_error_messages = {**field.default_error_messages, **sentences}
    models.Field.default_error_messages.update(_COLUMNS)  # type: ignore[arg-type]
    for validator, sentence in _VALIDATORS.items():
        validator.message = sentence
    validators.validate_slug.message = _SLUG
    validators.validate_unicode_slug.message = _SLUG
    validators.DecimalValidator.messages = _DECIMALS  # type: ignore[assignment]


def speak_in_api() -> None:
    """Give fields and refusals of DRF their sentences; it builds its fields anew for each use."""
    for field, sentences in _API.items():
        field.default_error_messages = {
            **getattr(field, "default_error_messages", {}),
            **sentences,
        }
    for error, sentence in _REFUSALS.items():
        error.default_detail = sentence


_DATE = _("Enter a date, such as 2026-05-31.")
_MOMENT = _("Enter a date and a time, such as 2026-05-31 18:00.")
_TIME = _("Enter a time, such as 18:00.")
_MAIL = _("Enter an e-mail address, such as name@example.com.")
_URL = _("Enter a web address, such as https://example.com.")
_SLUG = _("Use letters, digits, hyphens and underscores only.")
_NO_FILE = _("The file did not arrive. Choose it again.")
_MOST = Counted(_("Enter a number up to %(limit_value)s."))
_LEAST = Counted(_("Enter a number from %(limit_value)s up."))
_MOST_CHARACTERS = Counted(_("Write at most %(limit_value)s characters; this has %(show_value)s."))
_LEAST_CHARACTERS = Counted(
    _("Write at least %(limit_value)s characters; this has %(show_value)s.")
)
_DECIMALS = {
    "invalid": _("Enter a number."),
    "max_digits": Counted(_("Write the number with at most %(max)s digits.")),
    "max_decimal_places": Counted(_("Write at most %(max)s digits behind the decimal point.")),
    "max_whole_digits": Counted(_("Write at most %(max)s digits before the decimal point.")),
}
_FORMS: dict[Any, dict[str, Any]] = {
    forms.Field: {"required": FILL_IN},
    forms.DateField: {"invalid": _DATE},
    forms.TimeField: {"invalid": _TIME},
    forms.DateTimeField: {"invalid": _MOMENT},
    forms.SplitDateTimeField: {"invalid_date": _DATE, "invalid_time": _TIME},
    forms.DurationField: {"invalid": _("Enter a length of time, such as 01:30:00.")},
    forms.URLField: {"invalid": _URL},
    forms.ChoiceField: {"invalid_choice": CHOOSE},
    forms.MultipleChoiceField: {"invalid_choice": CHOOSE, "invalid_list": CHOOSE},
    forms.ModelChoiceField: {"invalid_choice": CHOOSE},
    forms.ModelMultipleChoiceField: {
        "invalid_choice": CHOOSE,
        "invalid_list": CHOOSE,
        "invalid_pk_value": CHOOSE,
    },
    forms.MultiValueField: {"incomplete": _("Please fill in all parts of this.")},
    forms.FileField: {
        "invalid": _NO_FILE,
        "missing": _NO_FILE,
        "empty": _("The file is empty. Choose another one."),
        "max_length": Counted(
            _("The file's name has %(length)s characters; %(max)s is the most. Rename the file.")
        ),
        "contradiction": _("Choose a new file, or tick that the old one goes, not both."),
    },
    forms.ImageField: {
        "invalid_image": _("This file is no picture, or it is damaged. Choose another one.")
    },
    forms.JSONField: {"invalid": _("This is not valid JSON.")},
    forms.UUIDField: {"invalid": _("This is no number of the kind 6f1c….")},
}
_COLUMNS = {
    "invalid_choice": CHOOSE,
    "null": FILL_IN,
    "blank": FILL_IN,
    "unique": _("This is taken already; enter another one."),
}
_VALIDATORS: dict[Any, Any] = {
    validators.RegexValidator: _("This is not written as it should be. Look at the example."),
    validators.URLValidator: _URL,
    validators.EmailValidator: _MAIL,
    validators.MaxValueValidator: _MOST,
    validators.MinValueValidator: _LEAST,
    validators.StepValueValidator: Counted(_("Enter a multiple of %(limit_value)s.")),
    validators.MaxLengthValidator: _MOST_CHARACTERS,
    validators.MinLengthValidator: _LEAST_CHARACTERS,
    validators.ProhibitNullCharactersValidator: _(
        "Take out the invisible character U+0000: it cannot be shown."
    ),
    validators.FileExtensionValidator: _(
        "A file that ends in “.%(extension)s” cannot be taken. Choose a JPEG, PNG or WebP picture."
    ),
}
_DAY_SENT = _("Send a date, such as 2026-05-31.")
_MOMENT_SENT = _("Send a date and a time with its zone, such as 2026-05-31T18:00:00+08:00.")
_NUMBERS = {
    "max_value": _("Send a number up to {max_value:,}."),
    "min_value": _("Send a number from {min_value:,} up."),
    "max_string_length": _("This number is too long."),
}
_API: dict[Any, dict[str, Any]] = {
    serializers.Field: {
        "required": _("This is missing. Send it."),
        "null": _("This may not be null. Send a value."),
    },
    serializers.CharField: {
        "invalid": _("Send a text."),
        "blank": _("This may not be empty."),
        "max_length": _("Send at most {max_length:,} characters."),
        "min_length": _("Send at least {min_length:,} characters."),
    },
    serializers.EmailField: {"invalid": _MAIL},
    serializers.URLField: {"invalid": _URL},
    serializers.SlugField: {"invalid": _SLUG, "invalid_unicode": _SLUG},
    serializers.BooleanField: {"invalid": _("Send true or false.")},
    serializers.IntegerField: {"invalid": _("Send a whole number."), **_NUMBERS},
    serializers.BigIntegerField: {"invalid": _("Send a whole number."), **_NUMBERS},
    serializers.FloatField: {"invalid": _("Send a number."), **_NUMBERS},
    serializers.DecimalField: {
        "invalid": _("Send a number."),
        **_NUMBERS,
        "max_digits": _("Send a number with at most {max_digits} digits."),
        "max_decimal_places": _("Send at most {max_decimal_places} digits behind the point."),
        "max_whole_digits": _("Send at most {max_whole_digits} digits before the point."),
    },
    serializers.DateField: {"invalid": _DAY_SENT, "datetime": _DAY_SENT},
    serializers.DateTimeField: {"invalid": _MOMENT_SENT, "date": _MOMENT_SENT},
    serializers.TimeField: {"invalid": _("Send a time, such as 18:00.")},
    serializers.ChoiceField: {"invalid_choice": _("“{input}” is not among the choices.")},
    serializers.MultipleChoiceField: {
        "invalid_choice": _("“{input}” is not among the choices."),
        "not_a_list": _("Send a list."),
    },
    serializers.FileField: {
        "required": _NO_FILE,
        "invalid": _NO_FILE,
        "no_name": _NO_FILE,
        "empty": _("The file is empty. Choose another one."),
        "max_length": _("The file's name is longer than {max_length} characters. Rename the file."),
    },
    serializers.ImageField: {
        "invalid_image": _("This file is no picture, or it is damaged. Choose another one.")
    },
    serializers.ModelField: {"max_length": _("Send at most {max_length:,} characters.")},
    serializers.ListField: {
        "not_a_list": _("Send a list."),
        "empty": _("This list may not be empty."),
        "min_length": _("Send at least {min_length:,}."),
        "max_length": _("Send at most {max_length:,}."),
    },
    serializers.ListSerializer: {
        "not_a_list": _("Send a list."),
        "empty": _("This list may not be empty."),
        "min_length": _("Send at least {min_length:,}."),
        "max_length": _("Send at most {max_length:,}."),
    },
    serializers.DictField: {"not_a_dict": _("Send a JSON object."), "empty": FILL_IN},
    serializers.Serializer: {"invalid": _("Send a JSON object.")},
    serializers.PrimaryKeyRelatedField: {
        "does_not_exist": _("There is nothing with the number {pk_value}."),
        "incorrect_type": _("Send a whole number."),
    },
}
_REFUSALS: dict[Any, Any] = {
    exceptions.ParseError: _("The request could not be read. Send valid JSON."),
    exceptions.NotAuthenticated: _("Sign in first: send an access token."),
    exceptions.AuthenticationFailed: _("This access token is not valid any more. Sign in again."),
    exceptions.PermissionDenied: _("This account cannot do that."),
    exceptions.MethodNotAllowed: _("This address does not take the method {method}."),
    exceptions.UnsupportedMediaType: _("Send JSON, not “{media_type}”."),
    exceptions.NotAcceptable: _("The answer is JSON; ask for application/json."),
}
