"""What comes next for a request that needs a second person: who is next, and why "Agree" is missing."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kernel.http.templatetags.fmt import datetime_local
from kernel.plaintext import isolate
from stores.approvals import KINDS
from stores.models import Approval
from stores.rights import desk_with

NAMED = 3
"""How many people who could agree are named."""


def word_next(approval: Approval, *, viewer: Any) -> str:
    """Who is next and what they do; why ``viewer`` cannot agree, where it is so."""
    kind = KINDS[approval.kind]
    facts = {
        "asker": isolate(str(approval.asked_by)),
        "who": isolate(str(approval.decided_by)) if approval.decided_by else _("the platform"),
        "right": kind.right.label,
        "until": datetime_local(approval.expires_at),
    }
    if approval.state == Approval.State.DONE:
        text = _("%(asker)s asked for it, %(who)s agreed.") % facts
        done = _("It was done at once: nothing is left to do.")
        return f"{text} {kind.after(approval) if kind.after else done}"
    if approval.state == Approval.State.REJECTED:
        return (
            _("%(who)s turned it down. Nothing was done; whoever still needs it asks anew.") % facts
        )
    if approval.state == Approval.State.WITHDRAWN:
        return _(
            "It was taken back, a later request took its place, or it was not needed any more. Nothing was done."
        )
    if not approval.is_open:
        return (
            _(
                "It ran out on %(until)s and can't be agreed to any more. Nothing was done; whoever "
                "still needs it asks anew."
            )
            % facts
        )
    return _open(approval, viewer, facts)


def _open(approval: Approval, viewer: Any, facts: dict[str, Any]) -> str:
    holders = desk_with(KINDS[approval.kind].right)
    if not holders.filter(pk=approval.asked_by_id).exists():
        return (
            _(
                "%(asker)s, who asked, does not hold the right “%(right)s” any more, so nobody can "
                "agree. Turn it down; whoever holds the right asks anew."
            )
            % facts
        )
    if approval.asked_by_id != viewer.pk:
        return (
            _(
                "You are next: read it word for word, then agree or turn it down, until %(until)s. "
                "Until then nothing is done."
            )
            % facts
        )
    others = [isolate(str(one)) for one in holders.exclude(pk=viewer.pk)[: NAMED + 1]]
    if not others:
        return (
            _(
                "You asked for it, so you can't agree yourself, and nobody else holds the right "
                "“%(right)s” yet: make a second owner (manage.py createsuperuser)."
            )
            % facts
        )
    names = ", ".join(others[:NAMED]) + (" …" if len(others) > NAMED else "")
    return _(
        "You asked for it, so somebody else who holds the right “%(right)s” must agree, until "
        "%(until)s: %(names)s."
    ) % {**facts, "names": names}
