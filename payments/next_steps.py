"""What comes next for a statement, in sentences: who is next, and what they do."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kernel.http.templatetags.fmt import datetime_local, fen
from kernel.plaintext import isolate
from payments.agreements import Step, step_of
from payments.models import Payout, Statement
from payments.selectors import taken_off_by
from stores.models import Approval
from stores.services.approvals import approvals_on


def word_next(statement: Any, *, desk: bool, decides: bool, viewer: Any) -> str:
    """Who is next for ``statement`` (of `with_requests`) and what they do, as ``viewer`` reads it.

    ``desk``: one of the operator's people; ``decides``: who records payouts as well.
    """
    step = step_of(statement)
    if step == Step.SENT:
        return _sent(statement, decides)
    if step == Step.COLLECT:
        return _owed(statement, desk)
    if step == Step.CLOSED:
        return _closed(statement, desk)
    if not desk:
        return _(
            "The platform is next: its finance asks for the payout, a second person agrees, and "
            "%(amount)s is transferred to you. You have nothing to do."
        ) % {"amount": _net(statement)}
    text = {Step.ASK: _ask, Step.AGREE: _agree, Step.TRANSFER: _transfer}[step](statement, viewer)
    if not decides:
        text += " " + _(
            "Your role takes no part in payouts: the platform's owners and its finance do."
        )
    return text


def _net(statement: Statement) -> str:
    return fen(abs(statement.net_fen), "exact")


def _ask(statement: Any, viewer: Any) -> str:
    before = _last_request(statement)
    text = _(
        "Next: one of the platform's finance asks for the payout. A second person agrees before "
        "any money leaves the bank."
    )
    return f"{before} {text}".strip()


def _last_request(statement: Any) -> str:
    """What became of the request before: turned down, taken back, run out."""
    row = _request(statement)
    if row is None or statement.request_used:
        return ""
    facts = {"who": _name(row.decided_by), "asker": _name(row.asked_by)}
    if row.state == Approval.State.REJECTED:
        return _("%(who)s turned the request of %(asker)s down.") % facts
    if row.state == Approval.State.WITHDRAWN:
        return _("%(asker)s took the request back.") % facts
    return _("The request of %(asker)s has run out: nobody agreed within a week.") % facts


def _agree(statement: Any, viewer: Any) -> str:
    row = _request(statement)
    assert row is not None
    facts = {"asker": _name(row.asked_by), "until": datetime_local(row.expires_at)}
    if row.asked_by_id == viewer.pk:
        return (
            _(
                "You asked for it. Next: somebody else who records payouts agrees, until %(until)s. "
                "Only then make the transfer."
            )
            % facts
        )
    return (
        _(
            "%(asker)s asked for it. Next: a second person who records payouts opens the request "
            "and agrees, until %(until)s. Only then make the transfer."
        )
        % facts
    )


def _transfer(statement: Any, viewer: Any) -> str:
    row = _request(statement) if approvals_on() else None
    facts = {"amount": _net(statement), "merchant": isolate(str(statement.merchant))}
    text = (
        _(
            "Next: whoever makes transfers sends %(amount)s to %(merchant)s at the bank, then enters "
            "the bank's reference here."
        )
        % facts
    )
    if row is None:
        return text
    both = {"asker": _name(row.asked_by), "who": _name(row.decided_by)}
    return f"{_('%(asker)s asked for it, %(who)s agreed.') % both} {text}"


def _sent(statement: Statement, decides: bool) -> str:
    payout = statement.payouts.filter(state=Payout.State.SENT).first()
    if payout is None:
        return ""
    text = _("%(amount)s was sent on %(day)s, bank reference %(reference)s.") % {
        "amount": fen(payout.amount_fen, "exact"),
        "day": datetime_local(payout.sent_at),
        "reference": payout.bank_reference,
    }
    if decides:
        text += " " + _("Should the bank send it back, say so on the payout's own page.")
    return text


def _owed(statement: Statement, desk: bool) -> str:
    facts = {"amount": _net(statement), "merchant": isolate(str(statement.merchant))}
    if desk:
        return (
            _(
                "%(merchant)s owes the platform %(amount)s. Next: wait for its transfer and record "
                "the bank's reference here, carry the debt into the next statement, or ask for it to "
                "be written off."
            )
            % facts
        )
    return (
        _(
            "You owe the platform %(amount)s: returns and your part of others' discounts came to more "
            "than what you have earned. Transfer it to the platform; its finance records what arrives."
        )
        % facts
    )


def _closed(statement: Statement, desk: bool) -> str:
    facts = {
        "amount": _net(statement),
        "merchant": isolate(str(statement.merchant)),
        "reference": statement.collected_reference,
    }
    if statement.state == Statement.State.ZERO:
        return _("What was earned and what was taken off it are the same: nothing is paid.")
    if statement.state == Statement.State.CARRIED:
        later = taken_off_by(statement)
        if later is not None:
            said = facts | {"statement": later.number}
            return _("%(amount)s was taken off the statement %(statement)s.") % said
        return _("%(amount)s is taken off the next statement.") % facts
    if statement.state == Statement.State.WRITTEN_OFF:
        return _("%(amount)s was written off: nobody pays it any more.") % facts
    if desk:
        return (
            _("%(merchant)s has paid the %(amount)s it owed, bank reference %(reference)s.") % facts
        )
    return _("You have paid the %(amount)s you owed, bank reference %(reference)s.") % facts


def _request(statement: Any) -> Approval | None:
    """The newest request of a statement of `with_requests`, looked up once."""
    if "newest_request" not in statement.__dict__:
        rows = Approval.objects.select_related("asked_by", "decided_by")
        statement.newest_request = rows.filter(pk=statement.request_id).first()
    found: Approval | None = statement.newest_request
    return found


def _name(person: Any) -> str:
    return isolate(str(person)) if person is not None else _("the platform")
