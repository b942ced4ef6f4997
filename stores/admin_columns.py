"""Columns of the admin's lists and pages: money, moments and states as people read them.

The endings of their names (``_money``, ``_moment``, ``_count``) are what static/css/admin.css aligns by.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from kernel.http.templatetags.fmt import datetime_local, fen
from kernel.watch.services import report_incident


def named(draw: Callable[[Any], Any], name: str) -> Any:
    """A column that draws ``draw(row)``; "—" and an incident where one row can't be drawn.

    The theme makes a column's classes of its name, in headings of its qualified name.
    """

    @wraps(draw)
    def column(obj: Any) -> Any:
        try:
            return draw(obj)
        except Exception as error:
            subject = f"{obj._meta.label_lower}:{obj.pk}"
            report_incident(kind=f"admin.{name}", subject=subject, error=error)
            return "—"

    column.__name__ = column.__qualname__ = name
    column.do_not_call_in_templates = True  # type: ignore[attr-defined]  # a heading must not run it
    return column


def money(field: str, label: Any) -> Any:
    """A column that shows ``field`` (fen) as money."""

    @admin.display(description=label, ordering=field)
    def column(obj: Any) -> str:
        return fen(getattr(obj, field), "exact") or "—"

    return named(column, f"{field}_money")


def moment(field: str, label: Any, zone: str = "") -> Any:
    """A column that shows an aware datetime by language.

    In the zone that ``zone`` names ("store.time_zone"), else in the shop's.
    """
    zone_of = operator.attrgetter(zone) if zone else lambda obj: timezone.get_current_timezone()

    @admin.display(description=label, ordering=field.replace(".", "__"))
    def column(obj: Any) -> str:
        return datetime_local(operator.attrgetter(field)(obj), zone_of(obj)) or "—"

    return named(column, f"{field.replace('.', '_')}_moment")


def plain(field: str, label: Any) -> Any:
    """A row's related object by name, without the link that its readers may not follow."""

    @admin.display(description=label)
    def column(obj: Any) -> str:
        return str(getattr(obj, field) or "—")

    return named(column, f"show_{field}")


def worded(field: str, label: Any, word: Callable[[Any], Any]) -> Any:
    """A column of a code of ours in words."""

    @admin.display(description=label, ordering=field)
    def column(obj: Any) -> str:
        return str(word(getattr(obj, field)) or "—")

    return named(column, f"show_{field}")


def badge(colour: str, words: Any) -> str:
    """A word in a coloured badge: success, info, warning or danger."""
    return format_html('<span class="badge badge--{}">{}</span>', colour, words)


def state(colours: Mapping[str, str], owner: str = "") -> Any:
    """A column of the state in words, coloured: state → success, info, warning or danger.

    The state is the row's own, or that of the row that ``owner`` names ("order").
    """

    @admin.display(description=_("state"), ordering=f"{owner}__state" if owner else "state")
    def show_state(obj: Any) -> str:
        row = getattr(obj, owner) if owner else obj
        return badge(colours.get(row.state, "info"), row.get_state_display())

    return show_state


def yes_or_no(field: str, label: Any, words: tuple[Any, Any]) -> Any:
    """A column of a switch in words: what it says when on, and when off."""

    @admin.display(description=label, ordering=field)
    def column(obj: Any) -> str:
        on = bool(getattr(obj, field))
        return badge("success" if on else "info", words[0] if on else words[1])

    return named(column, f"show_{field}")


def stars(row: Any) -> str:
    """A rating with its number of voices, or a dash where there is none yet."""
    return f"{row.rating} ★ ({row.rating_count})" if row.rating else "—"


def percent(rate: Any) -> str:
    """A rate as percent without needless zeros: 7%, 8.5%."""
    return f"{(rate * 100).normalize():f}%"
