"""Who works for a merchant, and who was asked to."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.emails import MailField

WHERE_A_CLERK = _("Where a clerk may redeem. Owners and managers may redeem at every store.")


@pghistory.track()
class StaffMembership(models.Model):
    """A user's place in a merchant: owners and managers run it, clerks redeem at their stores."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        MANAGER = "manager", _("manager")
        CLERK = "clerk", _("clerk")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    merchant = models.ForeignKey(
        "stores.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="staff",
    )
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.CLERK)
    stores = models.ManyToManyField(
        "stores.Store",
        verbose_name=_("stores"),
        blank=True,
        related_name="staff",
        help_text=WHERE_A_CLERK,
    )
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=now)

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        ordering = ("merchant", "role", "id")
        constraints = (
            models.UniqueConstraint(fields=["user", "merchant"], name="staff_user_merchant"),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


@pghistory.track(exclude=["token_hash"])
class StaffInvitation(models.Model):
    """Somebody asked to work for a merchant: nobody is made staff without a yes of their own.

    The link's token is known to the e-mail alone; here stands its SHA-256. ``role`` and
    ``stores`` are those that the membership will have.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("waiting for an answer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        REVOKED = "revoked", _("withdrawn")

    merchant = models.ForeignKey(
        "stores.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="invitations",
    )
    email = MailField(_("e-mail"))
    role = models.CharField(
        _("role"),
        max_length=8,
        choices=StaffMembership.Role.choices,
        default=StaffMembership.Role.CLERK,
    )
    stores = models.ManyToManyField(
        "stores.Store",
        verbose_name=_("stores"),
        blank=True,
        related_name="+",
        help_text=WHERE_A_CLERK,
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PENDING)
    token_hash = models.CharField(max_length=64, blank=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("invited by"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(_("invited"), default=now)
    expires_at = models.DateTimeField(_("open until"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("accepted by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["merchant", "email"],
                condition=models.Q(state="pending"),
                name="invitation_one_pending",
            ),
            models.UniqueConstraint(
                fields=["token_hash"],
                condition=~models.Q(token_hash=""),
                name="invitation_token",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()}"

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return self.state == self.State.PENDING and self.expires_at > now()
