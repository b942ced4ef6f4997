"""The voices of the city: guests in two languages, and the merchants' answers."""

from __future__ import annotations

from demo.content.reviews import en, zh
from demo.content.reviews.replies import REPLIES
from demo.content.types import Language, ReviewText

__all__ = ["REPLIES", "REVIEWS"]

_Row = tuple[int, str] | tuple[int, str, tuple[str, ...]]


def _texts(language: Language, sentences: dict[str, tuple[_Row, ...]]) -> tuple[ReviewText, ...]:
    return tuple(
        ReviewText(trade, language, row[0], row[1], row[2] if len(row) == 3 else ())
        for trade, rows in sentences.items()
        for row in rows
    )


REVIEWS: tuple[ReviewText, ...] = (*_texts("en", en.SENTENCES), *_texts("zh", zh.SENTENCES))
