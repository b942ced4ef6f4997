"""Who works for a merchant, and who was asked to."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kernel.bounds import Bounded
from kernel.clock import now
from kernel.emails import MailField

WHERE = _(
    "Where the person works: clerks at the stores and groups named here, others at the whole "
    "business unless they are limited."
)


class StoreGroup(Bounded, models.Model):
    """Stores of one merchant under a name: a city, a region, a brand. Roles can be given for it."""

    merchant = models.ForeignKey(
        "stores.Merchant",
        verbose_name=_("merchant"),
        on_delete=models.CASCADE,
        related_name="store_groups",
    )
    name = models.CharField(_("name"), max_length=80)
    stores = models.ManyToManyField(
        "stores.Store", verbose_name=_("stores"), blank=True, related_name="groups"
    )

    class Meta:
        verbose_name = _("group of stores")
        verbose_name_plural = _("groups of stores")
        ordering = ("merchant", "name", "id")
        constraints = (
            models.UniqueConstraint(fields=["merchant", "name"], name="store_group_name"),
        )

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class StaffMembership(models.Model):
    """A user's place in a merchant. What a role may do stands in stores.rights.

    Clerks work at the stores and groups named here. Everybody else works for the whole
    business, unless ``limited`` keeps them to those places, too; owners and finance never are.
    """

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        MANAGER = "manager", _("manager")
        CLERK = "clerk", _("clerk")
        FINANCE = "finance", pgettext_lazy("role", "finance")
        READER = "reader", pgettext_lazy("role", "read-only")

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
        help_text=WHERE,
    )
    groups = models.ManyToManyField(
        StoreGroup, verbose_name=_("groups of stores"), blank=True, related_name="staff"
    )
    limited = models.BooleanField(
        _("only at these stores"),
        default=False,
        db_default=False,
        help_text=_("For managers and read-only; a clerk always is."),
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

    The link's token is known to the e-mail alone, or without an address to who was shown it
    once; here stands its SHA-256. Role and places are those that the membership will have.
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
    email = MailField(
        _("e-mail"),
        blank=True,
        help_text=_("Empty for a link that you hand over yourself, with a QR code to show."),
    )
    name = models.CharField(
        pgettext_lazy("invitation", "for whom"), max_length=60, blank=True, db_default=""
    )
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
        help_text=WHERE,
    )
    groups = models.ManyToManyField(
        StoreGroup, verbose_name=_("groups of stores"), blank=True, related_name="+"
    )
    limited = models.BooleanField(_("only at these stores"), default=False, db_default=False)
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
                condition=models.Q(state="pending") & ~models.Q(email=""),
                name="invitation_one_pending",
            ),
            models.UniqueConstraint(
                fields=["token_hash"],
                condition=~models.Q(token_hash=""),
                name="invitation_token",
            ),
        )

    def __str__(self) -> str:
        return f"{self.addressee} · {self.get_role_display()}"

    @property
    def addressee(self) -> str:
        """Whom it is for, as far as the inviter said."""
        return self.email or self.name or gettext("whoever has the link")

    @property
    def is_open(self) -> bool:
        """Whether it can still be answered."""
        return self.state == self.State.PENDING and self.expires_at > now()
