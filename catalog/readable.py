"""What a product says of itself, as far as it can be read.

Services and the database let nothing in that has another shape (`catalog.services.shapes`), but an
older release did, and one bad line must not take a page, a form or an index down with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from catalog.models import Product
from catalog.services.shapes import (
    Problems,
    check_blackout,
    check_included,
    check_notes,
    check_provenance,
)
from kernel.watch.services import report_incident, try_each

_CHECKS: dict[str, Callable[[Any], Problems]] = {
    "included": check_included,
    "blackout": check_blackout,
    "notes": check_notes,
}


def readable_lines(product: Product, name: str) -> list[dict[str, Any]]:
    """The lines of ``included``, ``blackout`` or ``notes`` that have their shape.

    Others are left out and reported to the operator.
    """
    value = getattr(product, name)
    check = _CHECKS[name]

    def judged(line: Any) -> dict[str, Any]:
        if problems := check([line]):
            raise ValueError(" ".join(problems[name]))
        return dict(line)

    return try_each(
        value if isinstance(value, list) else [value],
        judged,
        kind=f"catalog.{name}",
        subject=lambda _line: f"product:{product.pk}",
    )


def readable_facts(product: Product) -> dict[str, str]:
    """The facts of ``provenance`` that are texts; others are left out and reported."""
    value = product.provenance
    facts = value if isinstance(value, dict) else {}
    found = {key: text for key, text in facts.items() if not check_provenance({key: text})}
    if len(found) < len(facts) or facts is not value:
        report_incident(
            kind="catalog.provenance",
            subject=f"product:{product.pk}",
            error=f"no set of facts and texts: {value!r:.200}",
        )
    return found
