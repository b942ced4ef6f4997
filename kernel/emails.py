"""E-mail addresses: one spelling each, and only such as a message can be sent to.

Whoever types an address in a form, an API or the back office ends here; `MailField` keeps it so.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.plaintext import strip_invisible

LONGEST_EMAIL = 254
LOCAL_PART_OCTETS = 64
"""RFC 5321, 4.5.3.1.1: no server need take more before the @ (which is ASCII by then)."""


def fold_email(text: str) -> str:
    """One spelling of an address, right or wrong, for look-ups and rate limits; never raises.

    Nothing invisible, full-width characters plain, lower case, the domain as mail servers know
    it (IDNA: bücher.example is xn--bcher-kva.example). A domain that can't be written for mail
    servers stays as it is, for `read_email` to refuse.
    """
    plain = unicodedata.normalize("NFKC", strip_invisible(text)).strip().lower()
    local, at, domain = plain.rpartition("@")
    if not at:
        return plain
    domain = domain.replace("\u3002", ".").strip().removesuffix(".")
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode().lower()
    return f"{local.strip()}@{domain}"


def read_email(text: str) -> str:
    """Return the one spelling of an e-mail address that a message can be sent to.

    Raises ValidationError for what is no address, and for one that no mail server could take.
    """
    folded = fold_email(text)
    if len(folded) > LONGEST_EMAIL:
        raise ValidationError(_("This e-mail address is too long."), code="email")
    validate_email(folded)
    local, domain = folded.rsplit("@", 1)
    if len(local) > LOCAL_PART_OCTETS or not domain.isascii():
        message = _(
            "E-mail cannot be delivered to this address. Check the parts before and after the @."
        )
        raise ValidationError(message, code="email")
    return folded


def validate_deliverable(text: str) -> None:
    """Refuse what `read_email` refuses."""
    read_email(text)


def show_email(email: str) -> str:
    """An e-mail address as people write it: the domain in its own script."""
    local, _at, domain = email.rpartition("@")
    try:
        return f"{local}@{domain.encode().decode('idna')}"
    except UnicodeError:
        return email


class MailFormField(forms.EmailField):
    """An address that a person types."""

    default_validators = [validate_deliverable]

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return fold_email(text) if text else text


class MailField(models.EmailField):
    """A column of addresses, each in its one spelling: what is saved, updated or looked up is folded."""

    default_validators = [validate_deliverable]

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return fold_email(text) if text else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        kept = super().pre_save(model_instance, add)
        if kept:
            kept = fold_email(kept)
            setattr(model_instance, self.attname, kept)
        return kept

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": MailFormField, **kwargs})
