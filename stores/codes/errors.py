"""What is refused about codes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal


class CodeClosed(Refusal):
    """A closed code stays closed: what was printed with it must not lead elsewhere one day."""

    code = "code_closed"
    message = _("This code is closed. Make a new one; nothing was changed.")


class CodeGone(Refusal):
    """A guest followed a code that leads nowhere any more."""

    code = "code_gone"
    status = 410
    message = _("This code is not in use any more.")
