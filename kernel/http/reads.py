"""``field__reads="Qiao's"``: contains, as a reader compares, whatever signs were typed.

Phones write ’ where a keyboard writes ', and full-width letters where it writes plain ones. The
lookup folds both sides; it is meant for lists that one person searches, not for an index.
"""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, TextField
from django.db.models.fields.json import KeyTransform, KeyTransformTextLookupMixin
from django.db.models.lookups import IContains

from kernel.plaintext import fold_typography
from kernel.words import both_scripts

_TYPED = "\u2018\u2019\u201a\u201b\u2032\u02b9\u02bb\u02bc\u00b4\u0060"
_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u300c\u300d"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_WIDE = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\u3000"
_FROM = _TYPED + _QUOTES + _DASHES + _WIDE
_TO = (
    "'" * len(_TYPED)
    + '"' * len(_QUOTES)
    + "-" * len(_DASHES)
    + "".join(map(chr, range(0x21, 0x7F)))
    + " "
)


class Reads(IContains):
    """Case, typography and width do not matter, nor simplified or traditional writing."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """One comparison for each way in which the text is written."""
        text = self.rhs
        ways = both_scripts(text) if isinstance(text, str) else [text]
        found = []
        for way in ways:
            self.rhs = way
            found.append(super().as_sql(compiler, connection))
        self.rhs = text
        joined = " OR ".join(sql for sql, _params in found)
        return f"({joined})", tuple(param for _sql, params in found for param in params)

    def get_prep_lookup(self) -> Any:
        return super().get_prep_lookup() if not isinstance(self.rhs, str) else self._folded()

    def _folded(self) -> str:
        return fold_typography(str(self.rhs))

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        sql, params = super().process_lhs(compiler, connection, lhs)
        return f"translate({sql}, %s, %s)", [*params, _FROM, _TO.upper()]


class KeyReads(KeyTransformTextLookupMixin, Reads):
    """The same for a text inside JSON."""


def register_lookups() -> None:
    """Make ``reads`` known; called once, from the app's `ready`."""
    for field in (CharField, TextField):
        field.register_lookup(Reads, "reads")
    KeyTransform.register_lookup(KeyReads, "reads")
