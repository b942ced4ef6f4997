"""Refusals of paper. Nothing hangs on a sheet: who is refused asks again, and nothing was changed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal


class PaperRefusal(Refusal):
    """No sheet now; when to ask again is said in Retry-After too."""

    status = 503
    wait_seconds = 5

    def __init__(self, message: Any = None, **extra: Any) -> None:
        super().__init__(message, **{"retry_after_seconds": self.wait_seconds, **extra})


class PaperBusy(PaperRefusal):
    """Other sheets are being drawn, and waiting longer would hold up pages that need no paper."""

    code = "paper_busy"
    message = _(
        "Too many sheets are being drawn at the moment. Nothing was changed. "
        "Try again in a few seconds."
    )


class PaperFailed(PaperRefusal):
    """The sheet could not be drawn; the operator finds the reason among the incidents."""

    code = "paper_failed"
    wait_seconds = 60
    message = _(
        "This sheet could not be drawn. Nothing was changed, and the operator was told. "
        "What it would say is on the page that you came from."
    )
