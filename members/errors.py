from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kernel.errors import InvalidInput, Refusal


class BadCredentials(Refusal):
    """Unknown identifier, wrong password or closed account: told apart by nobody."""

    code = "bad_credentials"
    status = 401
    message = _(
        "This e-mail or phone number and password do not match. "
        "Check both and try again, or choose a new password."
    )


class IdentifierTaken(InvalidInput):
    """Somebody has an account with this e-mail or phone number."""

    code = "identifier_taken"
    message = _(
        "An account with this e-mail or phone number already exists. No second one was created; "
        "log in, or choose a new password if you have forgotten yours."
    )


class WeakPassword(InvalidInput):
    """The password rules refused it; ``fields['password']`` holds their sentences."""

    code = "weak_password"
    message = _("Choose a stronger password.")


class HasEmail(Refusal):
    """The account has an e-mail address already."""

    code = "has_email"
    message = _("Your account has an e-mail address already. It stays as it is.")


class EmailTaken(InvalidInput):
    """Another account signs in with this address."""

    code = "email_taken"
    message = _(
        "Another account uses this e-mail address. Yours stays as it is; "
        "use another address, or log in to that account."
    )


class AddressOfSecondPerson(Refusal):
    """Who could give the second person another address could sign in as the second person."""

    code = "address_of_second_person"
    status = 403
    message = _(
        "This person may agree to what others ask for, so only they change their own e-mail and "
        "phone number. Take their role away first, and ask for it again afterwards. "
        "Nothing was changed."
    )


class AccountOfOperator(Refusal):
    """Who could change an owner's address could sign in as the owner."""

    code = "account_of_operator"
    status = 403
    message = _(
        "This person has a role on the platform: only its owners change their account. "
        "Nothing was changed."
    )


class EmailLinkOver(Refusal):
    """The link was used, is too old, or belongs to a changed password."""

    code = "email_link_over"
    status = 410
    message = _(
        "This link was used already or is too old. An address that you confirmed with it stays with your "
        "account; for another one ask for a new link in the settings."
    )
