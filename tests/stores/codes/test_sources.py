"""First, last and store: what is chosen of the codes that somebody followed."""

from __future__ import annotations

import datetime as dt

from kernel.clock import now
from stores.codes.sources import Step, choose_source

MOMENT = now()


def step(code: int, hours: float, kind: str = "link", store: int | None = None) -> Step:
    return Step(code, 1, kind, store, "", MOMENT - dt.timedelta(hours=hours))


def test_nothing_comes_of_nothing() -> None:
    assert choose_source([], MOMENT) is None


def test_first_and_last_are_the_ends() -> None:
    source = choose_source([step(1, 99), step(2, 50), step(3, 1)], MOMENT)
    assert source
    assert (source.first.code_id, source.last.code_id, source.store_id) == (1, 3, None)


def test_the_last_scan_in_a_store_wins_over_links_for_a_day() -> None:
    steps = [step(1, 30, "poster", 7), step(2, 23, "tag", 8), step(3, 5), step(4, 1, "campaign")]
    source = choose_source(steps, MOMENT)
    assert source
    assert (source.first.code_id, source.last.code_id, source.store_id) == (1, 2, 8)


def test_after_a_day_the_store_is_not_why() -> None:
    source = choose_source([step(1, 24.1, "poster", 7), step(2, 20)], MOMENT)
    assert source
    assert (source.last.code_id, source.store_id) == (2, None)


def test_the_later_of_two_scans_wins() -> None:
    source = choose_source([step(1, 3, "poster", 7), step(2, 1, "staff", 9)], MOMENT)
    assert source
    assert (source.last.code_id, source.store_id) == (2, 9)


def test_a_link_of_a_store_is_no_scan_in_it() -> None:
    source = choose_source([step(1, 1, "link", 7)], MOMENT)
    assert source
    assert source.store_id is None
