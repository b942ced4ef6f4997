"""Forms of the account pages. They only read input; the rules are in members.services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from kernel.emails import MailFormField
from kernel.http.forms import NameField, RefusableForm
from kernel.message_kinds import MAIL_GROUPS
from members.identifiers import read_identifier
from members.models import User
from members.services.accounts import NAME_MAX_LENGTH, PASSWORD_MAX_LENGTH, set_password


def identifier_field(**attrs: str) -> forms.CharField:
    """E-mail or phone, in one field."""
    return forms.CharField(
        label=_("E-mail or phone number"),
        max_length=254,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                **attrs,
            }
        ),
    )


def password_field(label: Any, autocomplete: str, **options: Any) -> forms.CharField:
    """A password; long enough for a sentence, short enough to be hashed quickly."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=PASSWORD_MAX_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        **options,
    )


class LoginForm(RefusableForm):
    identifier = identifier_field()
    password = password_field(_("Password"), "current-password")


class RegisterForm(RefusableForm):
    identifier = identifier_field()
    display_name = NameField(
        label=_("Your name"),
        max_length=NAME_MAX_LENGTH,
        help_text=_("Shown beside your reviews; it does not have to be your full name."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    password = password_field(
        _("Password"),
        "new-password",
        help_text=_("At least 8 characters, not only digits, and not a common password."),
    )

    def clean_identifier(self) -> str:
        """Also when another field is empty: one round tells all that is wrong."""
        identifier: str = self.cleaned_data["identifier"]
        read_identifier(identifier)
        return identifier

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class ProfileForm(RefusableForm):
    display_name = NameField(
        label=_("Your name"),
        max_length=NAME_MAX_LENGTH,
        error_messages={"required": _("Enter a name; a short one is fine.")},
        help_text=_("Shown beside your reviews; it does not have to be your full name."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("For these pages and the messages we send you."),
        widget=forms.Select(),
    )
    mail = forms.MultipleChoiceField(
        label=_("E-mails you want"),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_(
            "What you pay, redeem and get back is always confirmed by e-mail. "
            "All messages are in your inbox as well."
        ),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        groups = [
            (name, group.label)
            for name, group in MAIL_GROUPS.items()
            if not group.staff_only or user.is_staff
        ]
        kwargs["initial"] = {
            "display_name": user.display_name,
            "language": user.language,
            "mail": [name for name, _label in groups if name not in user.mail_off],
        }
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["mail"].choices = groups  # type: ignore[attr-defined]

    def mail_off(self) -> list[str]:
        """The groups that are to be off; those not offered here stay as they were."""
        offered = {name for name, _label in self.fields["mail"].choices}  # type: ignore[attr-defined]
        kept = set(self.user.mail_off) - offered
        return sorted(kept | (offered - set(self.cleaned_data["mail"])))


class PasswordChangeForm(RefusableForm):
    old_password = password_field(_("Current password"), "current-password")
    new_password = password_field(
        _("New password"),
        "new-password",
        help_text=_("At least 8 characters, not only digits, and not a common password."),
    )


class AddEmailForm(RefusableForm):
    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = password_field(_("Current password"), "current-password")


class ForgottenPasswordForm(RefusableForm):
    email = MailFormField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class NewPasswordForm(RefusableForm):
    """The form that django.contrib.auth's PasswordResetConfirmView asks for."""

    new_password = password_field(
        _("New password"),
        "new-password",
        help_text=_("At least 8 characters, not only digits, and not a common password."),
    )

    def __init__(self, user: User | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        validate_password(password, self.user)
        return password

    def save(self) -> None:
        """Store the password; every API token ends."""
        assert self.user is not None
        set_password(user=self.user, password=self.cleaned_data["new_password"])
