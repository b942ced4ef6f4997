"""Two owners who remove each other at once: one of them stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stores.models import StaffMembership
from stores.services.staff import add_staff, remove_staff
from tests.factories import Cast, cast, make_user
from tests.races.together import refusals, together, won
from tests.races.unguarded import compare_and_set, meeting

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
