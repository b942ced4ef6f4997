"""The e-mail that invites somebody to work for a merchant."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from kernel.plaintext import isolate
from members.models import User
from members.services.mail import absolute, build_email, send_mail
from stores.models import StaffInvitation, Store, StoreGroup
from stores.services.invitations import renew_token


def send_invitation(*, invitation_id: int) -> None:
    """E-mail a new link (handler of "staff.invited"); an invitation that is closed gets none.

    In the language of the account with this address if there is one, else in the inviter's:
    who invites learns nothing of it. Raises what `send_mail` raises.
    """
    found = renew_token(invitation_id=invitation_id)
    if found is None or found[0].email.endswith(".invalid"):
        return
    invitation, token = found
    reader = User.objects.all().signing_in_with(invitation.email) or invitation.invited_by
    with translation.override(reader.language if reader else None):
        mail = invitation_email(
            invitation=invitation,
            stores=[*invitation.stores.all(), *invitation.groups.all()],
            token=token,
        )
    send_mail(mail)


def invitation_email(
    *, invitation: StaffInvitation, stores: Sequence[Store | StoreGroup], token: str
) -> EmailMultiAlternatives:
    """Build the e-mail in the active language; it names who invites, never their address."""
    return build_email(
        user=User(email=invitation.email),
        template="invitation",
        subject=_("Work with %(merchant)s") % {"merchant": isolate(invitation.merchant.name)},
        context={
            "invitation": invitation,
            "stores": [place.name for place in stores],
            "inviter": isolate(getattr(invitation.invited_by, "display_name", "")),
            "action_url": absolute(reverse("invitation", args=[token])),
            "action_label": _("See the invitation"),
        },
    )
