"""Refusals of what channels cost and brought."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal


class CodeOfCampaign(Refusal):
    """A code counts for one campaign, from the day on which it was added."""

    code = "code_of_campaign"
    status = 409
    message = _("This code belongs to a campaign already. Make another code for this one.")
