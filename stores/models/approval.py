"""Decisions that need two people: one asks, another one agrees to exactly that."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.clock import now
from kernel.plaintext import clean_line


@pghistory.track()
class Approval(models.Model):
    """What somebody asked for, word for word (``payload``), and who agreed.

    ``digest`` is the SHA-256 of the canonical payload: whoever agrees names it, and what is
    done is checked against it once more. Kinds are registered in stores.approvals.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("approval", "waits for a second person")
        DONE = "done", pgettext_lazy("approval", "agreed and done")
        REJECTED = "rejected", pgettext_lazy("approval", "turned down")
        WITHDRAWN = "withdrawn", pgettext_lazy("approval", "withdrawn")

    replaced: tuple[Approval, ...] = ()
    """Open requests for the same that this one took the place of; known to who has just asked."""

    kind = models.CharField(_("kind"), max_length=40)
    subject = models.CharField(max_length=80)
    payload = models.JSONField(_("what exactly"))
    digest = models.CharField(_("fingerprint"), max_length=64)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("asked"), default=now)
    expires_at = models.DateTimeField(_("open until"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ("-id",)
        indexes = (models.Index(fields=["kind", "subject", "id"], name="approval_subject"),)
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(state="waiting"),
                name="approval_one_waiting",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="done")
                | (models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("asked_by"))),
                name="approval_needs_another_person",
            ),
        )

    lines: list[tuple[str, str]] | None = None
    """What the second person reads, where it was looked up (stores.approvals.read_names)."""
    words: str = ""
    """What a page calls it in its reader's language; the kinds that know are beyond this module."""
    next_text: str = ""
    """What comes next, and who does it, as the page says it to its reader."""

    def __str__(self) -> str:
        return self.words or clean_line(f"{self.kind} {self.subject}")

    @property
    def is_open(self) -> bool:
        """Whether it can still be decided."""
        return self.state == self.State.WAITING and self.expires_at > now()
