from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.outbox.lanes import Lane

FAILING_AFTER = 2
"""A task that was tried more often than this keeps failing; before, it may have been bad luck."""


class OutboxEventQuerySet(models.QuerySet["OutboxEvent"]):
    """States of an event are read off its deliveries: parked > failing > waiting > done."""

    def unexpanded(self) -> OutboxEventQuerySet:
        """Events whose deliveries have not been written yet, due or not."""
        return self.filter(expanded_at__isnull=True)

    def waiting(self) -> OutboxEventQuerySet:
        """Events with something still to do."""
        return self.filter(Q(expanded_at__isnull=True) | _has(Delivery.objects.waiting()))

    def failing(self) -> OutboxEventQuerySet:
        """Events with something that was tried in vain and will be tried again."""
        return self.filter(_unknown() | _has(Delivery.objects.failing()))

    def parked(self) -> OutboxEventQuerySet:
        """Events with something that was given up and waits for a person."""
        return self.filter(_has(Delivery.objects.parked()))

    def done(self) -> OutboxEventQuerySet:
        """Events whose every consumer has finished."""
        return self.filter(
            ~_has(Delivery.objects.filter(done_at__isnull=True)), expanded_at__isnull=False
        )

    def with_condition(self) -> OutboxEventQuerySet:
        """Events with their ``condition``: "parked", "failing", "waiting" or "done", worst first."""
        return self.annotate(
            condition=Case(
                When(_has(Delivery.objects.parked()), then=Value("parked")),
                When(_unknown() | _has(Delivery.objects.failing()), then=Value("failing")),
                When(expanded_at__isnull=True, then=Value("waiting")),
                When(_has(Delivery.objects.waiting()), then=Value("waiting")),
                default=Value("done"),
            )
        )


class OutboxEvent(models.Model):
    """Something that happened, that others react to later and must not miss.

    Written in the transaction in which it happened. A worker expands it once it is due into one
    `Delivery` per consumer and sets ``expanded_at``; ``attempts`` and ``error`` speak of that
    step alone, which fails only for a topic that this release does not know.
    """

    topic = models.CharField(_("topic"), max_length=64)
    payload = models.JSONField(_("payload"), default=dict)
    created_at = models.DateTimeField(_("created"), default=now)
    due_at = models.DateTimeField(_("due"), default=now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # The column keeps its name of before deliveries, so that the release before this one can
    # run beside it during an upgrade: what one has taken, the other leaves alone.
    expanded_at = models.DateTimeField(_("handed out"), null=True, blank=True, db_column="done_at")
    error = models.TextField(_("last error"), blank=True)
    # With a default of the database: the release before this one goes on writing rows.
    request_id = models.CharField(
        _("request"), max_length=64, blank=True, default="", db_default="", editable=False
    )
    """The request or task that wrote it, as in its log lines; "" for a command's."""

    objects: ClassVar[models.Manager[OutboxEvent]] = OutboxEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("outbox event")
        verbose_name_plural = _("outbox events")
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=["due_at"],
                name="outbox_waiting",
                condition=models.Q(expanded_at__isnull=True),
            ),
            models.Index(fields=["topic", "id"], name="outbox_topic"),
        )

    def __str__(self) -> str:
        return f"{localtime(self.created_at):%Y-%m-%d %H:%M:%S}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> DeliveryQuerySet:
        """Deliveries that a worker will still try."""
        return self.filter(done_at__isnull=True, parked_at__isnull=True)

    def due(self) -> DeliveryQuerySet:
        """Deliveries that may be tried now: due, and not leased to a living worker."""
        return self.waiting().filter(due_at__lte=timezone.now())

    def failing(self) -> DeliveryQuerySet:
        """Deliveries that were tried in vain more than FAILING_AFTER times."""
        return self.waiting().filter(attempts__gt=FAILING_AFTER)

    def parked(self) -> DeliveryQuerySet:
        """Deliveries that were given up; only a person has them tried again."""
        return self.filter(done_at__isnull=True, parked_at__isnull=False)


class Delivery(models.Model):
    """One event on its way to one consumer; no other consumer's trouble touches it.

    A worker leases it by moving ``due_at`` ahead and counting the attempt, runs the handler,
    and sets ``done_at``. A worker that dies leaves a lease that runs out.
    """

    event = models.ForeignKey(
        OutboxEvent,
        verbose_name=_("event"),
        on_delete=models.CASCADE,
        related_name="deliveries",
        db_index=False,  # the unique constraint begins with it
    )
    consumer = models.CharField(_("task"), max_length=64)
    lane = models.CharField(_("lane"), max_length=16, choices=Lane.choices)
    due_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    parked_at = models.DateTimeField(_("given up"), null=True, blank=True)
    error = models.TextField(_("last error"), blank=True)

    objects: ClassVar[models.Manager[Delivery]] = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["event", "consumer"], name="outbox_delivery_once"),
        )
        indexes = (
            models.Index(
                fields=["lane", "due_at", "id"],
                name="outbox_delivery_waiting",
                condition=models.Q(done_at__isnull=True, parked_at__isnull=True),
            ),
            models.Index(
                fields=["event"],
                name="outbox_delivery_parked",
                condition=models.Q(done_at__isnull=True, parked_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id} {self.consumer}"

    @property
    def is_failing(self) -> bool:
        """As `DeliveryQuerySet.failing`."""
        return self.done_at is None and self.parked_at is None and self.attempts > FAILING_AFTER


def _has(deliveries: models.QuerySet[Delivery]) -> Exists:
    return Exists(deliveries.filter(event=OuterRef("pk")))


def _unknown() -> Q:
    """Events that no release here could expand."""
    return Q(expanded_at__isnull=True, attempts__gt=FAILING_AFTER)
