"""Promises that several pages make, worded in one place."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

REFUND_TIME = _("Usually within minutes; your bank may need a few working days to show it.")
"""How long a refund takes that was asked for."""

REFUND_SHOWN = _("Your bank may need a few working days to show it.")
"""What may still take time after the gateway has paid a refund out."""
