"""What came of a code, on its page in the back office."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.translation import gettext as _

from insights.codes import CodeDays, code_days, code_figures
from insights.dashboard import CHART_OPTIONS, REDEEMED_COLOUR, SOLD_COLOUR
from kernel.http.templatetags.fmt import fen
from stores.codes.models import Code

register = template.Library()


@register.inclusion_tag("admin/codes/_figures.html")
def code_figures_of(code: Code) -> dict[str, Any]:
    """Totals, a chart of the last 30 days, and a table of the days on which anything happened."""
    found, days = code_figures(code), code_days(code)
    return {
        "figures": [
            {"title": title, "value": value, "note": "", "url": ""}
            for title, value in (
                (_("Scans"), found.scans),
                (_("Visitors"), found.visitors),
                (_("Orders"), found.orders),
                (_("Paid"), found.paid),
                (_("Paid amount, after refunds"), fen(found.paid_fen, "exact")),
                (_("Came in"), found.came),
                (_("Redeemed amount"), fen(found.came_fen, "exact")),
                (_("Began here"), found.began),
            )
        ],
        "days": [row for row in days.rows() if any(row[1:])],
        "chart": _chart(days),
        "options": json.dumps(CHART_OPTIONS),
    }


def _chart(days: CodeDays) -> str:
    lines = ((_("Scans"), days.scans, SOLD_COLOUR), (_("Paid"), days.paid, REDEEMED_COLOUR))
    return json.dumps(
        {
            "labels": [f"{day:%m-%d}" for day in days.days],
            "datasets": [
                {"label": label, "data": data, "backgroundColor": colour, "borderColor": colour}
                for label, data, colour in lines
            ],
        }
    )
