"""Refusals of paper. Nothing hangs on a sheet: who is refused asks again, and nothing was changed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal


class PaperBusy(Refusal):
    """Other sheets are being drawn, and waiting longer would hold up pages that need no paper."""

    code = "paper_busy"
    status = 503
    message = _(
        "Too many sheets are being drawn at the moment. Nothing was changed. "
        "Try again in a few seconds."
    )


class PaperFailed(Refusal):
    """The sheet could not be drawn; the operator finds the reason among the incidents."""

    code = "paper_failed"
    status = 503
    message = _(
        "This sheet could not be drawn. Nothing was changed, and the operator was told. "
        "What it would say is on the page that you came from."
    )
