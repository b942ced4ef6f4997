"""A missed target is marked in its line, listed at the end, and fails the command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from o2o.embedded.paths import PROJECT_ROOT
from tools.bench.judge import Judge
from tools.management.commands.bench import CITY, FLOW


def judged() -> tuple[Judge, list[str]]:
    lines: list[str] = []
    return Judge(lines.append), lines


@pytest.mark.parametrize(
    ("value", "missed"), [(0.1, False), (119.9, False), (120, False), (120.1, True), (9999, True)]
)
def test_a_maximum_is_missed_beyond_it(value: float, missed: bool) -> None:
    judge, lines = judged()
    judge.at_most("memory", value, "{:.1f} MiB", 120)
    assert lines[0].endswith("MISSED") is missed is bool(judge.verdict())


@pytest.mark.parametrize(("value", "missed"), [(1.39, True), (1.4, False), (2.0, False)])
def test_a_minimum_is_missed_below_it(value: float, missed: bool) -> None:
    judge, lines = judged()
    judge.at_least("gain", value, "{:.2f} ×", 1.4)
    assert lines[0].endswith("MISSED") is missed is bool(judge.verdict())


def test_the_verdict_lists_every_missed_figure_and_no_other() -> None:
    judge, _lines = judged()
    judge.at_most("quick", 1, "{:.0f} ms", 2)
    judge.at_most("slow", 3, "{:.0f} ms", 2)
    judge.must("audit", good=False, figure="NOT CLEAN")
    verdict = judge.verdict().splitlines()
    assert verdict[0] == "2 figures MISSED their targets:"
    assert [line.partition(":")[0] for line in verdict[1:]] == ["slow", "audit"]


def test_make_knows_the_same_parts() -> None:
    text = (PROJECT_ROOT / Path("Makefile")).read_text()
    for name, parts in (("FLOW_PARTS", FLOW), ("CITY_PARTS", CITY)):
        found = re.search(rf"^{name} := (.*)$", text, re.M)
        assert found is not None
        assert tuple(found[1].split()) == parts


@pytest.mark.parametrize(("part", "options"), [("phone", {}), ("redeem", {"city": True})])
def test_a_part_of_the_other_half_is_a_slip(part: str, options: dict[str, bool]) -> None:
    with pytest.raises(CommandError, match=f"{part} is measured with"):
        call_command("bench", part=part, **options)
