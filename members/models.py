"""People: the account and its API tokens."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.clock import now
from kernel.emails import show_email
from kernel.http.scopes import scope_choices
from members.identifiers import fold_identifier, spellings
from stores.models import PlatformRole

validate_phone = RegexValidator(
    r"^\+?[0-9]{6,15}$", _("Enter a phone number with digits only, such as 13800000000.")
)


class UserQuerySet(models.QuerySet["User"]):
    def signing_in_with(self, text: str) -> User | None:
        """The user of an e-mail (any letter case) or a phone number, in any spelling of it.

        By Lower(), which has the unique index; iexact compares upper case, which has none.
        The exact old spelling of an account comes first (members.identifiers.spellings).
        """
        as_before, folded = spellings(text)
        column: Any = Lower("email") if "@" in folded else models.F("phone")
        rows: Any = self.annotate(spelling=column).filter(spelling__in={as_before, folded})
        found: dict[str, User] = {row.spelling: row for row in rows}
        return found.get(as_before) or found.get(folded)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Django's hook for its own commands; the product creates users in members.services."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Find a user by e-mail or phone in any spelling; raises User.DoesNotExist."""
        user = self.get_queryset().signing_in_with(username or "")
        if user is None:
            raise self.model.DoesNotExist
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a platform operator (``manage.py createsuperuser``)."""
        user = self.model(email=fold_identifier(email), is_staff=True, is_superuser=True, **fields)
        user.set_password(password)
        user.save(using=self._db)
        PlatformRole.objects.get_or_create(user=user, role=PlatformRole.Role.OWNER)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """One account for every part a person plays; the identifier is an e-mail or a phone.

    ``is_superuser`` marks the platform operator; ``is_staff`` opens the admin site and is
    kept in step with owner and manager memberships by stores.services. ``mail_off`` names the
    kernel.message_kinds.MAIL_GROUPS the person does not want; a higher ``session_round`` ends every
    session of the lower one.
    """

    email = models.EmailField(_("e-mail"), null=True, blank=True, unique=True)
    phone = models.CharField(
        _("phone"), max_length=16, null=True, blank=True, unique=True, validators=[validate_phone]
    )
    display_name = models.CharField(pgettext_lazy("person", "name"), max_length=60)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans"
    )
    avatar = models.ImageField(_("picture"), upload_to="avatars/", blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the admin site"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=now)
    mail_off = ArrayField(
        models.CharField(max_length=20), verbose_name=_("e-mails switched off"), default=list
    )
    session_round = models.PositiveIntegerField(default=0)
    counted = models.BooleanField(_("may be counted"), null=True, editable=False)
    """The answer of docs/privacy.md; None before one."""

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
            models.CheckConstraint(
                condition=models.Q(email__isnull=False) | models.Q(phone__isnull=False),
                name="user_has_an_identifier",
            ),
        )

    def __str__(self) -> str:
        return self.display_name or self.identifier

    @property
    def identifier(self) -> str:
        """What the person signs in with, as people write it."""
        return show_email(self.email) if self.email else self.phone or ""

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions of an earlier round have ended, as after a change of password."""
        base: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]
        if not self.session_round:
            return base
        return salted_hmac(
            "members.User.session_round",
            f"{base} {self.session_round}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def get_short_name(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name


class ApiToken(models.Model):
    """A bearer token; only its SHA-256 is stored.

    One of a sign-in has no name and every scope (None); an API key has both by its maker's choice.
    """

    user = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(_("name"), max_length=60, blank=True, db_default="")
    scopes = ArrayField(
        models.CharField(max_length=20, choices=scope_choices),
        verbose_name=_("scopes"),
        null=True,
        blank=True,
        help_text=_("Empty: everything the person may do."),
    )
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created"), default=now)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.user} {self.created_at:%Y-%m-%d}"
