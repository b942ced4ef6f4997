"""等 names a total, "and N more" what is left: they are different sentences."""

from __future__ import annotations

from tools import catalogue


def test_and_some_more_is_never_said_as_a_total() -> None:
    for entry in catalogue.read_catalogue(catalogue.catalogue_path("django")):
        for said in entry.string if isinstance(entry.string, tuple) else (entry.string,):
            assert "等%(more)s" not in said, entry.id
