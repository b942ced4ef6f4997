from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.http.forms import RefusableForm, TextField
from reviews.services.reviews import TEXT_MAX_LENGTH

RATINGS = [
    (1, _("1 star – bad")),
    (2, _("2 stars – disappointing")),
    (3, _("3 stars – all right")),
    (4, _("4 stars – good")),
    (5, _("5 stars – excellent")),
]


class ReviewForm(RefusableForm):
    rating = forms.TypedChoiceField(
        label=_("How was it?"),
        choices=RATINGS,
        coerce=int,
        widget=forms.RadioSelect(),
        error_messages={"required": _("Choose one to five stars.")},
    )
    text = TextField(
        label=_("What should others know?"),
        required=False,
        max_length=TEXT_MAX_LENGTH,
        help_text=_("What you had, how you were treated, whether it was as described."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
