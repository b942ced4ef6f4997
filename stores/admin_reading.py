"""What can only be read says it in the words and formats of the form.

Django shows a page without the right to change as the columns of its rows: a field that only
the form knows (a price, terms as text) would be a dash under its raw name, fen would be a bare
number, codes would stay codes. Such fields are drawn from the form itself here.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.http import HttpRequest
from django.utils.text import capfirst

from kernel.http.forms import YuanField
from kernel.http.templatetags.fmt import fen
from stores.admin_columns import named


class ReadsAsForm:
    """For pages and the rows inside them; stands before the class that gives the fields."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)  # type: ignore[misc]
        page: Any = self
        if obj is None or page.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": [self._read(field) for field in options["fields"]]})
            for title, options in fieldsets
        ]

    def _read(self, name: Any) -> Any:
        """The column of a form's field where the model alone would say it wrongly."""
        page: Any = self
        if not isinstance(name, str) or name in page.readonly_fields or hasattr(page, name):
            return name
        try:
            column = page.model._meta.get_field(name)
        except FieldDoesNotExist:
            column = None
        declared = name in page.form.declared_fields
        if not (declared or name.endswith("_fen") or isinstance(column, ArrayField)):
            return name
        field = page.form.declared_fields[name] if declared else None
        label = field.label if field is not None and field.label else column.verbose_name
        return _column(page.form, page.model, name, capfirst(str(label)))


def plain_name(field: Any) -> Any:
    """The form's name of a field of a page, also where it is drawn as a column."""
    return getattr(field, "form_name", field)


def _column(form_class: type[forms.ModelForm], model: Any, name: str, label: str) -> Any:
    @admin.display(description=label)
    def column(row: Any) -> str:
        if name not in form_class.declared_fields:
            value = getattr(row, name)
            if value is None:
                return ""
            return fen(value, "exact") if name.endswith("_fen") else ", ".join(map(str, value))
        kept = {field.name for field in model._meta.concrete_fields} & {name}
        form = forms.modelform_factory(model, form=form_class, fields=[*kept])(instance=row)
        field = form.fields[name]
        return _word(field, form.get_initial_for_field(field, name))

    drawn = named(column, f"read_{name}")
    drawn.form_name = name
    return drawn


def _word(field: Any, value: Any) -> str:
    """The value of a form's field as text; "" for none."""
    if value is None:
        return ""
    if isinstance(field, YuanField):
        return fen(value, "exact")
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        words = {str(code): str(word) for code, word in choices}
        codes = value if isinstance(value, (list, tuple)) else [value]
        return ", ".join(
            words.get(str(code), str(code)) for code in codes if code not in {None, ""}
        )
    return str(value)
