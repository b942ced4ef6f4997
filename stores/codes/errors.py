"""What is refused about codes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kernel.errors import Refusal


class CodeClosed(Refusal):
    """A closed code stays closed: what was printed with it must not lead elsewhere one day."""

    code = "code_closed"
    message = _("This code is closed. Make a new one; nothing was changed.")
