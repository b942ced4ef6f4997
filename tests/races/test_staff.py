"""Two owners who remove each other at once: one of them stays. Who is removed is not brought back by a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stores.models import StaffMembership
from stores.services.staff import add_staff, change_staff, remove_staff
from tests.factories import Cast, cast, make_user
from tests.races.together import refusals, together, won
from tests.races.unguarded import compare_and_set, meeting, overtaken

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def two_owners() -> tuple[Cast, Any]:
    people = cast()
    second = make_user()
    add_staff(merchant=people.merchant, user=second, role="owner", by=people.owner)
    return people, second


def removals(people: Cast, second: Any) -> list[Callable[[], Any]]:
    """Each answers True when it went through."""

    def remove(user: Any, by: Any) -> Callable[[], Any]:
        return lambda: remove_staff(merchant=people.merchant, user=user, by=by) or True

    return [remove(second, people.owner), remove(people.owner, second)]


def owners(people: Cast) -> int:
    return StaffMembership.objects.filter(
        merchant=people.merchant, role="owner", active=True
    ).count()


def test_two_owners_who_remove_each_other_leave_one() -> None:
    people, second = two_owners()

    answers = together(removals(people, second))

    assert len(won(answers)) == 1
    assert refusals(answers) == {"role_not_yours": 1}
    assert owners(people) == 1


def test_without_the_lock_nobody_is_left() -> None:
    """The control: both read before either writes."""
    people, second = two_owners()
    meeting(removals(people, second), compare_and_set(StaffMembership))
    assert owners(people) == 0


def change_and_removal(people: Cast) -> list[Callable[[], Any]]:
    """A clerk is moved on while somebody else ends their work."""
    clerk = StaffMembership.objects.get(merchant=people.merchant, user=people.clerk)

    def change() -> Any:
        return change_staff(membership_id=clerk.pk, by=people.owner, stores=[people.store])

    def remove() -> Any:
        return remove_staff(merchant=people.merchant, user=people.clerk, by=people.owner)

    return [change, remove]


def works_there(people: Cast) -> bool:
    rows = StaffMembership.objects.filter(merchant=people.merchant, user=people.clerk, active=True)
    return rows.exists()


@pytest.mark.parametrize("first", [0, 1])
def test_who_is_removed_while_their_role_is_changed_has_left(first: int) -> None:
    people = cast()
    jobs = change_and_removal(people)

    answers = together([jobs[first], jobs[1 - first]])

    assert set(refusals(answers)) <= {"not_found"}
    assert not works_there(people)


def test_without_the_lock_the_change_brings_them_back() -> None:
    """The control: the change has looked before the other one ends it."""
    people = cast()
    change, remove = change_and_removal(people)
    overtaken(change, remove, compare_and_set(StaffMembership))
    assert works_there(people)
