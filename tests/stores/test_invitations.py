"""Nobody works for a merchant without having said yes, and a link opens one door once."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from rest_framework.test import APIClient

from kernel.clock import at, now
from kernel.errors import InvalidInput, NotFound, TooManyAttempts
from kernel.http import limits
from kernel.outbox.models import Delivery, OutboxEvent
from kernel.outbox.services import drain
from members.services.accounts import issue_token
from stores.errors import InvitationGone, LastOwner, NotTrading, RoleNotYours
from stores.models import Merchant, StaffInvitation, StaffMembership
from stores.services.groups import delete_group, save_group
from stores.services.invitations import (
    ADDRESS_A_DAY,
    PERSON_A_DAY,
    accept_invitation,
    decline_invitation,
    find_invitation,
    invitations_of,
    invite_by_link,
    invite_staff,
    renew_link,
    renew_token,
    revoke_invitation,
    send_invitation_again,
)
from stores.services.staff import remove_staff
from tests.factories import Cast, cast, make_user
from tests.members.test_mail import smtp

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


def invite(people: Cast, **changes: Any) -> StaffInvitation:
    facts = {"email": "New@Example.com ", "role": "clerk", "stores": [people.store]}
    return invite_staff(merchant=people.merchant, **{**facts, "by": people.owner, **changes})


def token_of(invitation: StaffInvitation) -> str:
    found = renew_token(invitation_id=invitation.pk)
    assert found is not None
    return found[1]


def mailed_token() -> str:
    found = re.search(r"/invitations/([\w-]+)/", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def member(people: Cast, user: Any) -> StaffMembership | None:
    return StaffMembership.objects.filter(merchant=people.merchant, user=user).first()


def test_an_address_is_invited_whoever_it_belongs_to_and_nobody_is_added(people: Cast) -> None:
    """The same answer, the same mail, and no membership before the yes."""
    known = make_user(email="known@example.com")
    for address in (known.email, "nobody@example.com"):
        invitation = invite(people, email=address)
        assert (invitation.state, invitation.email) == ("pending", address)
        drain()
        assert mail.outbox[-1].to == [address]
    assert member(people, known) is None


def test_whoever_has_the_link_accepts_with_the_account_of_their_choice(people: Cast) -> None:
    invite(people)
    drain()
    other = make_user(email="another@example.com")
    membership = accept_invitation(token=mailed_token(), user=other)
    assert (membership.role, list(membership.stores.all())) == ("clerk", [people.store])
    row = StaffInvitation.objects.get()
    assert (row.state, row.accepted_by, row.token_hash) == ("accepted", other, "")


def test_a_link_works_once(people: Cast) -> None:
    token = token_of(invite(people))
    accept_invitation(token=token, user=make_user())
    for call in (
        lambda: accept_invitation(token=token, user=make_user()),
        lambda: decline_invitation(token=token),
        lambda: find_invitation(token=token),
    ):
        with pytest.raises(InvitationGone):
            call()


def test_a_link_is_open_for_seven_days(people: Cast) -> None:
    token = token_of(invite(people))
    with at(now() + dt.timedelta(days=6, hours=23)):
        find_invitation(token=token)
    with at(now() + dt.timedelta(days=7, seconds=1)), pytest.raises(InvitationGone):
        accept_invitation(token=token, user=make_user())


@pytest.mark.parametrize("guess", ["", "x", "0" * 43, "\ud800", "a" * 5000])
def test_a_guess_opens_nothing(guess: str, people: Cast) -> None:
    invite(people)  # its token hash is empty until the mail is sent
    with pytest.raises(InvitationGone):
        find_invitation(token=guess)


def test_the_secret_stands_in_the_mail_alone(people: Cast) -> None:
    invitation = invite(people)
    drain()
    invitation.refresh_from_db()
    token = mailed_token()
    assert token not in invitation.token_hash and len(invitation.token_hash) == 64
    assert not [event for event in OutboxEvent.objects.all() if token in str(event.payload)]


def test_sent_again_the_first_link_is_dead(people: Cast) -> None:
    first = invite(people)
    old = token_of(first)
    again = send_invitation_again(invitation_id=first.pk, by=people.teammate)
    with pytest.raises(InvitationGone):
        find_invitation(token=old)
    assert find_invitation(token=token_of(again)).role == "clerk"
    assert StaffInvitation.objects.filter(state="pending").count() == 1


def test_a_withdrawn_and_a_declined_invitation_open_nothing(people: Cast) -> None:
    first, second = invite(people), invite(people, email="b@example.com")
    tokens = [token_of(first), token_of(second)]
    revoke_invitation(invitation_id=first.pk, by=people.owner)
    decline_invitation(token=tokens[1])
    for token in tokens:
        with pytest.raises(InvitationGone):
            accept_invitation(token=token, user=make_user())
    with pytest.raises(InvitationGone):
        send_invitation_again(invitation_id=first.pk, by=people.owner)


def test_an_invitation_ends_with_the_right_of_who_sent_it(people: Cast) -> None:
    token = token_of(invite(people, by=people.teammate))
    remove_staff(merchant=people.merchant, user=people.teammate, by=people.owner)
    with pytest.raises(InvitationGone):
        accept_invitation(token=token, user=make_user())


def test_an_invitation_ends_with_the_account_of_who_sent_it(people: Cast) -> None:
    """A switched-off account keeps its membership, and lets nobody in any more."""
    token = token_of(invite(people))
    people.owner.is_active = False
    people.owner.save(update_fields=["is_active"])
    with pytest.raises(InvitationGone):
        find_invitation(token=token)
    with pytest.raises(InvitationGone):
        accept_invitation(token=token, user=make_user())


def test_a_mail_that_goes_out_after_seven_days_carries_no_link(people: Cast) -> None:
    invitation = invite(people)
    with at(invitation.expires_at - dt.timedelta(seconds=1)):
        assert renew_token(invitation_id=invitation.pk) is not None
    with at(invitation.expires_at):
        assert renew_token(invitation_id=invitation.pk) is None
        drain()
    assert not mail.outbox


def test_a_suspended_business_neither_invites_nor_takes_in(people: Cast) -> None:
    token = token_of(invite(people))
    Merchant.objects.filter(pk=people.merchant.pk).update(state="suspended")
    with pytest.raises(NotTrading):
        invite(people, email="c@example.com")
    with pytest.raises(InvitationGone):
        accept_invitation(token=token, user=make_user())


def test_who_invites_gives_no_more_than_they_may(people: Cast) -> None:
    for who in (people.teammate, people.clerk, people.stranger):
        with pytest.raises(RoleNotYours):
            invite(people, role="owner", stores=[], by=who)
    owners = invite(people, role="owner", stores=[])
    with pytest.raises(RoleNotYours):
        revoke_invitation(invitation_id=owners.pk, by=people.teammate)
    with pytest.raises(NotFound):
        revoke_invitation(invitation_id=owners.pk, by=people.stranger)


def test_a_clerk_is_invited_to_a_store_and_an_address_is_one(people: Cast) -> None:
    with pytest.raises(InvalidInput) as refused:
        invite(people, stores=[])
    assert set(refused.value.extra["fields"]) == {"stores"}
    for address in ("", "no address", "a@b", "x" * 250 + "@example.com", "a\nb@example.com"):
        with pytest.raises(InvalidInput):
            invite(people, email=address)


def test_nobody_is_mailed_at_will(people: Cast, settings: Any) -> None:
    settings.RATE_LIMITS = True
    for _time in range(ADDRESS_A_DAY):
        invite(people)
    with pytest.raises(TooManyAttempts):
        invite(people)
    invite(people, email="somebody.else@example.com")


def test_the_last_owner_does_not_become_a_clerk_by_a_yes(people: Cast) -> None:
    token = token_of(invite(people))
    with pytest.raises(LastOwner):
        accept_invitation(token=token, user=people.owner)
    assert StaffInvitation.objects.get().state == "pending"


# The page and the API -------------------------------------------------------------------------


def test_the_page_says_who_invites_and_for_what(client: Any, people: Cast) -> None:
    url = reverse("invitation", args=[token_of(invite(people))])
    page = client.get(url).content.decode()
    for words in (people.owner.display_name, people.merchant.name, people.store.name, "clerk"):
        assert words in page
    assert f"{reverse('login')}?next={url}" in page and f"{reverse('register')}?next=" in page
    assert client.post(url, {"answer": "yes"})["Location"].startswith(reverse("login"))
    newcomer = make_user()
    client.force_login(newcomer)
    newcomer.display_name = "Hannah W."
    newcomer.save()
    assert "Hannah W.." not in client.get(url).content.decode()
    assert client.post(url, {"answer": "yes"})["Location"] == reverse("console_home")
    assert member(people, newcomer) is not None
    assert client.get(url).status_code == 404


def test_a_person_declines_without_an_account(client: Any, people: Cast) -> None:
    url = reverse("invitation", args=[token_of(invite(people))])
    asked = client.post(url, {"answer": "no"}).content.decode()
    assert StaffInvitation.objects.get().state != "declined" and 'name="sure"' in asked
    assert client.post(url, {"answer": "no", "sure": "yes"}).status_code == 302
    assert StaffInvitation.objects.get().state == "declined"


def test_the_api_invites_lists_and_accepts(people: Cast) -> None:
    owner, guest, newcomer = APIClient(), APIClient(), make_user()
    owner.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user=people.owner)}")
    facts = {"email": "d@example.com", "role": "clerk", "stores": [people.store.pk]}
    made = owner.post("/api/v1/staff/invitations", facts, format="json")
    assert made.status_code == 201, made.content
    listed = owner.get("/api/v1/staff/invitations").json()["results"]
    assert [(row["email"], row["state"]) for row in listed] == [("d@example.com", "pending")]
    assert "token" not in str(listed)
    token = token_of(StaffInvitation.objects.get())
    offer = guest.post("/api/v1/staff/invitations/read", {"token": token}, format="json").json()
    assert offer["merchant"]["slug"] == people.merchant.slug and "email" not in offer
    guest.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user=newcomer)}")
    answer = guest.post("/api/v1/staff/invitations/accept", {"token": token}, format="json")
    assert answer.status_code == 204
    (row,) = owner.get("/api/v1/staff/invitations").json()["results"]
    assert row["accepted_by"] == newcomer.display_name


def test_who_runs_one_business_sees_no_invitation_of_another(people: Cast) -> None:
    invite(people)
    neighbour = APIClient()
    runs_another = make_user("merchant")
    neighbour.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user=runs_another)}")
    assert neighbour.get("/api/v1/staff/invitations").json()["results"] == []
    assert list(invitations_of(runs_another)) == []
    assert list(invitations_of(people.teammate)) == list(StaffInvitation.objects.all())
    assert list(invitations_of(people.operator)) == list(StaffInvitation.objects.all())


def test_an_owner_sees_that_an_invitation_did_not_arrive(
    people: Cast, settings: Any, client: Any
) -> None:
    lost, waits = invite(people, email="lost@example.com"), invite(people, email="b@example.com")
    with smtp(settings, {"RCPT": "550 no such mailbox"}):
        drain()
    waiting = OutboxEvent.objects.get(payload__invitation_id=waits.pk).deliveries
    waiting.update(parked_at=None, attempts=2)
    client.force_login(people.owner)
    address = reverse("admin:stores_staffinvitation_changelist")
    page = client.get(address, headers={"accept-language": "en"}).content.decode()
    rows = {row: page.partition(row)[2].partition("</tr>")[0] for row in (lost.email, waits.email)}
    assert "did not arrive" in rows[lost.email]
    assert "has not gone out yet" in rows[waits.email]


def test_a_mail_is_on_its_way_until_it_failed_once(people: Cast, client: Any) -> None:
    invitation = invite(people)
    drain()
    client.force_login(people.owner)
    address = reverse("admin:stores_staffinvitation_change", args=[invitation.pk])

    def said() -> str:
        return client.get(address, headers={"accept-language": "en"}).content.decode()

    deliveries = Delivery.objects.filter(event__payload__invitation_id=invitation.pk)
    deliveries.update(done_at=None, attempts=1, error="")  # a worker is at it
    assert "the e-mail is on its way" in said() and "has not gone out yet" not in said()
    deliveries.update(error="no answer")
    assert "has not gone out yet" in said()
    deliveries.update(attempts=2, error="")  # at it again
    assert "has not gone out yet" in said()
    deliveries.update(done_at=now())
    assert "waiting for an answer" in said()


def test_whom_an_invitation_is_for_is_kept_with_its_address(people: Cast, client: Any) -> None:
    client.force_login(people.owner)
    form = {
        "email": "ling@example.com",
        "name": "Ling from the bar",
        "role": "clerk",
        "stores": [people.store.pk],
    }
    client.post(reverse("admin:stores_staffinvitation_add"), form)
    invitation = StaffInvitation.objects.get()
    listed = client.get(reverse("admin:stores_staffinvitation_changelist")).content.decode()
    own = reverse("admin:stores_staffinvitation_change", args=[invitation.pk])
    for page in (listed, client.get(own).content.decode()):
        assert "Ling from the bar" in page and "ling@example.com" in page
    again = send_invitation_again(invitation_id=invitation.pk, by=people.owner)
    assert again.name == "Ling from the bar"
    caller = APIClient()
    caller.force_authenticate(people.owner)
    body = {"email": "mo@example.com", "name": "Mo", "role": "clerk", "stores": [people.store.pk]}
    assert caller.post("/api/v1/staff/invitations", body, format="json").json()["name"] == "Mo"


@pytest.mark.parametrize(("role", "limited"), [("clerk", True), ("manager", False)])
def test_a_clerk_reads_as_limited_to_the_stores(
    people: Cast, client: Any, role: str, limited: bool
) -> None:
    invitation = invite(people, role=role, stores=[people.store] if limited else [])
    client.force_login(people.owner)
    page = client.get(reverse("admin:stores_staffinvitation_change", args=[invitation.pk]))
    field = page.content.decode().lower().split("only at these stores")[1][:1500]
    assert ("check" in field) == limited, field


@pytest.mark.parametrize("role", ["owner", "manager", "finance", "reader"])
@pytest.mark.parametrize("place", ["stores", "groups"])
def test_places_that_limit_nobody_are_refused(people: Cast, role: str, place: str) -> None:
    group = save_group(
        merchant=people.merchant, name="South", stores=[people.store], by=people.owner
    )
    caller = APIClient()
    caller.force_authenticate(people.owner)
    body = {
        "email": "mo@example.com",
        "role": role,
        place: [{"groups": group}.get(place, people.store).pk],
    }
    answer = caller.post("/api/v1/staff/invitations", body, format="json")
    assert answer.status_code == 400
    assert {"stores", "limited"} & set(answer.json()["fields"])
    assert not StaffInvitation.objects.exists()
    kept = caller.post("/api/v1/staff/invitations", {**body, "limited": True}, format="json")
    assert kept.status_code == (201 if role in {"manager", "reader"} else 400)


def test_the_invited_person_reads_whether_the_role_is_for_these_stores_only(
    people: Cast, client: Any
) -> None:
    kept = invite(people, role="manager", limited=True)
    clerk = invite(people, email="b@example.com")
    wide = invite(people, email="c@example.com", role="manager", stores=[])
    for invitation, limited in ((kept, True), (clerk, True), (wide, False)):
        token = token_of(invitation)
        told = (
            APIClient()
            .post("/api/v1/staff/invitations/read", {"token": token}, format="json")
            .json()
        )
        assert told["limited"] is limited
        page = client.get(
            reverse("invitation", args=[token]), headers={"accept-language": "en"}
        ).content.decode()
        assert ("Only at these stores:" in page) is limited
        assert ("At all stores." in page) is not limited


def test_an_invitation_whose_group_was_deleted_is_no_longer_open(people: Cast) -> None:
    group = save_group(
        merchant=people.merchant, name="South", stores=[people.store], by=people.owner
    )
    token = token_of(invite(people, role="manager", stores=[], groups=[group], limited=True))
    delete_group(group=group, by=people.owner)
    person = make_user()
    with pytest.raises(InvitationGone):
        accept_invitation(token=token, user=person)
    assert member(people, person) is None


# Without an address: a link and its QR code -------------------------------------------------


def link(people: Cast, **changes: Any) -> tuple[StaffInvitation, str]:
    facts = {"role": "clerk", "stores": [people.store], "name": "Ling", "by": people.owner}
    return invite_by_link(merchant=people.merchant, **{**facts, **changes})


def token_in(url: str) -> str:
    return url.rstrip("/").rsplit("/", 1)[-1]


def test_a_link_is_accepted_once_by_who_is_signed_in(people: Cast) -> None:
    group = save_group(
        merchant=people.merchant, name="South", stores=[people.store], by=people.owner
    )
    invitation, url = link(people, role="manager", stores=[], groups=[group], limited=True)
    drain()
    assert mail.outbox == []
    person = make_user()
    membership = accept_invitation(token=token_in(url), user=person)
    assert (membership.role, membership.limited) == ("manager", True)
    assert list(membership.groups.all()) == [group]
    with pytest.raises(InvitationGone):
        accept_invitation(token=token_in(url), user=make_user())
    invitation.refresh_from_db()
    assert (invitation.state, invitation.accepted_by) == ("accepted", person)


def test_a_link_runs_out_after_two_days_and_can_be_withdrawn(people: Cast) -> None:
    _invitation, url = link(people)
    with at(now() + dt.timedelta(days=2)), pytest.raises(InvitationGone):
        find_invitation(token=token_in(url))
    other, second = link(people)
    revoke_invitation(invitation_id=other.pk, by=people.owner)
    with pytest.raises(InvitationGone):
        find_invitation(token=token_in(second))


def test_a_new_link_ends_the_old_one_and_no_mail_goes_out(people: Cast) -> None:
    invitation, url = link(people)
    _again, second = renew_link(invitation_id=invitation.pk, by=people.owner)
    with pytest.raises(InvitationGone):
        find_invitation(token=token_in(url))
    assert find_invitation(token=token_in(second)).name == "Ling"
    with pytest.raises(InvalidInput):
        send_invitation_again(invitation_id=_again.pk, by=people.owner)
    assert renew_token(invitation_id=_again.pk) is None
    assert mail.outbox == []
    mailed = invite(people)
    with pytest.raises(InvalidInput):
        renew_link(invitation_id=mailed.pk, by=people.owner)
    mailed.refresh_from_db()
    assert mailed.state == "pending"


def test_a_new_link_is_counted_before_anything_is_written(
    people: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counts stand in a cache: no row waits for it, and a refusal leaves the old link."""
    settings.RATE_LIMITS = True
    invitation, url = link(people)
    outside, depths = len(connection.savepoint_ids), []

    def full(*_: Any) -> int:
        depths.append(len(connection.savepoint_ids))
        return PERSON_A_DAY + 1

    monkeypatch.setattr(limits, "_count", full)
    with pytest.raises(TooManyAttempts):
        renew_link(invitation_id=invitation.pk, by=people.owner)
    assert depths == [outside]
    assert find_invitation(token=token_in(url)) == invitation


def test_the_list_and_the_api_make_a_new_link_of_one_invitation(people: Cast, client: Any) -> None:
    first, url = link(people)
    client.force_login(people.owner)
    listed = reverse("admin:stores_staffinvitation_changelist")
    answer = client.post(listed, {"action": "new_link", "_selected_action": [first.pk]})
    second = answer.context["url"]
    caller = APIClient()
    caller.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user=people.owner)}")
    renewed = find_invitation(token=token_in(second))
    made = caller.post(f"/api/v1/staff/invitations/{renewed.pk}/link").json()
    for old in (url, second):
        with pytest.raises(InvitationGone):
            find_invitation(token=token_in(old))
    assert find_invitation(token=token_in(made["link"])).pk == made["id"]
    both = [made["id"], link(people)[0].pk]
    client.post(listed, {"action": "new_link", "_selected_action": both})
    assert find_invitation(token=token_in(made["link"])).pk == made["id"]


def test_several_links_of_one_business_wait_side_by_side(people: Cast) -> None:
    urls = {link(people)[1] for _link in range(3)}
    assert len({find_invitation(token=token_in(url)).pk for url in urls}) == 3


def test_the_link_s_page_names_the_role_and_the_places_first(people: Cast, client: Any) -> None:
    _invitation, url = link(people)
    page = client.get(reverse("invitation", args=[token_in(url)])).content.decode()
    assert people.merchant.name in page and "clerk" in page and people.store.name in page


def test_the_back_office_shows_a_link_and_its_code_once(people: Cast, client: Any) -> None:
    client.force_login(people.owner)
    form = {"email": "", "name": "Ling", "role": "clerk", "stores": [people.store.pk]}
    answer = client.post(reverse("admin:stores_staffinvitation_add"), form)
    assert answer.status_code == 200
    url = answer.context["url"]
    assert url in answer.content.decode() and "<svg" in answer.content.decode()
    invitation = find_invitation(token=token_in(url))
    change = reverse("admin:stores_staffinvitation_change", args=[invitation.pk])
    assert token_in(url) not in client.get(change).content.decode()


def test_the_api_answers_with_the_link_of_an_invitation_without_an_address(people: Cast) -> None:
    caller = APIClient()
    caller.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_token(user=people.owner)}")
    data = {"role": "reader", "name": "Auditor"}
    made = caller.post("/api/v1/staff/invitations", data, format="json").json()
    assert find_invitation(token=token_in(made["link"])).role == "reader"
    mailed = {**data, "email": "a@example.com"}
    assert caller.post("/api/v1/staff/invitations", mailed, format="json").json()["link"] == ""
    listed = caller.get("/api/v1/staff/invitations").json()["results"]
    assert all("link" not in row for row in listed)
