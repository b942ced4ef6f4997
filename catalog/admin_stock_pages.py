"""What the lists of stock offer beside their rows: send to another store, take a file along, upload counts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import StockLevel, StockMovement
from catalog.services.count_files import COLUMNS, Plan, StockImport
from catalog.services.shelves import transfer_stock
from catalog.set_aside import with_set_aside
from kernel.bounds import MAX_COUNT
from kernel.errors import InvalidInput, Refusal
from kernel.http.csv_answer import csv_answer
from kernel.http.forms import LineField, WholeField
from kernel.http.once import page_once
from kernel.imports.decoding import BadFileError
from kernel.imports.files import Row, RowFile
from kernel.numerals import read_number
from kernel.plaintext import isolate
from stores.admin_rights import person, reach, scope
from stores.models import Merchant, Store
from stores.rights import Right

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 500
"""They are written in one transaction; the command writes any number, batch by batch."""
MOST_LINES = 100_000
"""So many rows fit a file that is taken along."""
PART = 2000
"""So many of them are held at once."""
SHOWN = 100
_LONG = ("description_en", "description_zh", "included", "provenance", "blackout", "notes")
_NOT_TOLD = tuple(f"variant__product__{column}" for column in (*_LONG, "search_vector"))
LEVEL_HEADER = (
    *(*COLUMNS, "Product", "StoreName", "SetAside", "KeptBack", "SoldOnline", "LowAt"),
    *("CountedAt", "ChangedAt"),
)
"""Begins as a file of counts does: what was taken along is mended and uploaded again."""
MOVEMENT_HEADER = (
    *(
        "Number",
        "When",
        "StockCode",
        "Product",
        "Store",
        "StoreName",
        "Reason",
        "Change",
        "Counted",
    ),
    *("InTheBooks", "By", "ApiKey", "Order", "Note", "RecordedAt"),
)


class TransferForm(forms.Form):
    """Pieces of a level, and the store that they go to."""

    to_store = forms.ModelChoiceField(Store.objects.none(), label=gettext_lazy("To"))
    quantity = WholeField(label=gettext_lazy("Pieces"), min_value=1, max_value=MAX_COUNT)
    note = LineField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, stores: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_store"].queryset = stores  # type: ignore[attr-defined]
        for name, kind in (("to_store", "select"), ("quantity", "number"), ("note", "text")):
            self.fields[name].widget.attrs |= {"class": "desk__note", "data-kind": kind}
        self.fields["quantity"].widget.attrs["inputmode"] = "numeric"


class UploadForm(forms.Form):
    """A file of counts, and whose it is where somebody works for several businesses."""

    merchant = forms.ModelChoiceField(Merchant.objects.none(), label=gettext_lazy("Merchant"))
    file = forms.FileField(label=gettext_lazy("CSV file"))

    def __init__(self, merchants: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list(merchants[:2])
        self.only = found[0] if len(found) == 1 else None
        if self.only:
            del self.fields["merchant"]
        else:
            self.fields["merchant"].queryset = merchants  # type: ignore[attr-defined]
            self.fields["merchant"].widget.attrs["class"] = "desk__note"
        self.fields["file"].widget.attrs |= {"class": "desk__note", "accept": ".csv,.gz,text/csv"}


def send_page(page: Any, request: HttpRequest, level: StockLevel | None) -> HttpResponse:
    """Ask where to and how many, then send them. Not found for who may not change the level."""
    if level is None or not page.writable(request, StockLevel.objects.filter(pk=level.pk)).exists():
        raise Http404
    others = Store.objects.filter(merchant=level.merchant_id).exclude(pk=level.store_id)
    mine = scope(request, others, "merchant", Right.EDIT_STOCK, store_path="", to_write=True)
    form = TransferForm(mine.order_by("pk"), request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        target = form.cleaned_data["to_store"]

        def send() -> int:
            source, _target = transfer_stock(
                merchant=level.merchant,
                variant_id=level.variant_id,
                from_store=level.store_id,
                to_store=target.pk,
                quantity=form.cleaned_data["quantity"],
                by=person(request),
                note=form.cleaned_data["note"],
            )
            return source.on_hand

        if _tried(request, form, send):
            text = _("%(count)d sent to %(store)s.")
            facts = {"count": form.cleaned_data["quantity"], "store": isolate(str(target))}
            page.message_user(request, text % facts, messages.SUCCESS)
            return _to(reverse("admin:catalog_stocklevel_change", args=[level.pk]))
    context = {"title": _("Send to another store"), "level": level, "form": form}
    return _page(page, request, "admin/catalog/send_stock.html", context)


def upload_page(page: Any, request: HttpRequest) -> HttpResponse:
    """A file of counts: what would be written and refused is shown first, then written at a yes."""
    if not reach(request, Right.EDIT_STOCK, to_write=True):
        raise Http404
    merchants = _merchants(request)
    if request.POST.get("confirmed"):
        return _write_counts(page, request, merchants)
    form = UploadForm(
        merchants,
        *((request.POST, request.FILES) if request.method == "POST" else ()),
    )
    context: dict[str, Any] = {"title": _("Upload counts"), "form": form, "columns": COLUMNS}
    if request.method == "POST" and form.is_valid():
        merchant = form.only or form.cleaned_data["merchant"]
        try:
            rows = _read(form.cleaned_data["file"])
            plan = _import_of(request, merchant).plan(rows)
            context |= _shown(plan, merchant)
        except InvalidInput as refusal:
            form.add_error("file", str(refusal))
    return _page(page, request, "admin/catalog/upload_counts.html", context)


def levels_file(rows: QuerySet[StockLevel]) -> HttpResponse:
    """The first `MOST_LINES` levels as CSV (product, store and stock joined)."""
    parts = (with_set_aside(part) for part in _parts(rows))
    cells = (_level_cells(row) for part in parts for row in part)
    return csv_answer("stock.csv", LEVEL_HEADER, cells)


def movements_file(rows: QuerySet[StockMovement]) -> HttpResponse:
    """The first `MOST_LINES` movements as CSV (product, store and author joined)."""
    cells = (_move_cells(row) for part in _parts(rows) for row in part)
    return csv_answer("stock-movements.csv", MOVEMENT_HEADER, cells)


def _parts(rows: QuerySet[Any]) -> Iterator[list[Any]]:
    """Rows of a list without the long texts of their products, `PART` at a time."""
    found = rows.defer(*_NOT_TOLD)[:MOST_LINES].iterator(chunk_size=PART)
    while part := list(islice(found, PART)):
        yield part


def _level_cells(row: Any) -> list[object]:
    return [
        *(row.variant.product.external_code, row.store.external_code, row.on_hand),
        *(str(row.variant), row.store.name, row.set_aside, row.safety),
        "yes" if row.sells_online else "no",
        row.variant.stock.low_stock_at,
        *(_stamp(row.counted_at), _stamp(row.updated_at)),
    ]


def _move_cells(row: StockMovement) -> list[object]:
    store = row.store
    return [
        *(row.pk, _stamp(row.occurred_at), row.variant.product.external_code, str(row.variant)),
        *(store.external_code if store else "", store.name if store else "", row.reason),
        *(row.delta, row.counted, row.books, row.author.display_name if row.author else ""),
        *(row.via, row.reference, row.note, _stamp(row.created_at)),
    ]


def _stamp(moment: Any) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _merchants(request: HttpRequest) -> Any:
    """The businesses whose stock the person may correct, at some stores at least."""
    found = reach(request, Right.EDIT_STOCK, to_write=True)
    rows = Merchant.objects.order_by("pk")
    if found.merchants is None:
        return rows
    whole = rows.filter(pk__in=found.merchants)
    return (whole | rows.filter(stores__in=found.stores)).distinct()


def _import_of(request: HttpRequest, merchant: Merchant) -> StockImport:
    found = reach(request, Right.EDIT_STOCK, to_write=True)
    whole = found.merchants is None or merchant.pk in found.merchants
    return StockImport(merchant, person(request), None if whole else found.stores)


def _read(upload: Any) -> list[Row]:
    """The rows of an upload. Raises InvalidInput for what is too large, or is no such file."""
    if upload.size > MOST_BYTES:
        raise InvalidInput(_("The file is larger than 2 MB. Send it in parts."))
    with tempfile.NamedTemporaryFile(suffix=".csv") as kept:
        for chunk in upload.chunks():
            kept.write(chunk)
        kept.flush()
        try:
            rows = []
            for row in RowFile(
                Path(kept.name),
                columns=COLUMNS,
                numbers=("StockCode",),
                most_bytes=MOST_BYTES,
                most_lines=10 * MOST_ROWS,
            ):
                rows.append(row)
                if len(rows) > MOST_ROWS:
                    text = _("The file has more than %(count)d rows. Send it in parts.")
                    raise InvalidInput(text % {"count": MOST_ROWS})
        except BadFileError as error:
            raise InvalidInput(str(error).replace(kept.name, upload.name)) from None
    if not rows:
        raise InvalidInput(_("The file has no rows."))
    return rows


def _shown(plan: Plan, merchant: Merchant) -> dict[str, Any]:
    changing = [count for count in plan.counts if count.changes]
    return {
        "merchant": merchant,
        "changing": changing[:SHOWN],
        "changing_more": max(len(changing) - SHOWN, 0),
        "changes": len(changing),
        "unchanged": len(plan.counts) - len(changing),
        "refused": plan.refused[:SHOWN],
        "refused_more": max(len(plan.refused) - SHOWN, 0),
        "refused_all": len(plan.refused),
        "kept": "\n".join("\t".join(_cells(count.row)) for count in changing),
        "previewed": True,
    }


def _cells(row: Row) -> Iterator[str]:
    return (row.cells[column].replace("\t", " ") for column in COLUMNS)


def _write_counts(page: Any, request: HttpRequest, merchants: Any) -> HttpResponse:
    """Write what was shown; each row is judged again, for the books may have moved."""
    merchant = merchants.filter(pk=read_number(request.POST.get("merchant"))).first()
    if merchant is None:
        raise Http404
    lines = request.POST.get("kept", "").splitlines()[:MOST_ROWS]
    cells = [line.split("\t") for line in lines]
    rows = [
        Row(number, dict(zip(COLUMNS, texts, strict=True)))
        for number, texts in enumerate(cells, start=1)
        if len(texts) == len(COLUMNS)
    ]

    def write() -> list[int]:
        outcome = _import_of(request, merchant).import_batch(rows)
        return [outcome.made + outcome.changed, len(outcome.refused)]

    try:
        written, refused = page_once(request, write).value
    except Refusal as refusal:
        page.message_user(request, str(refusal), messages.ERROR)
        return _to(reverse("admin:catalog_stocklevel_upload_counts"))
    text = _("%(count)d counts recorded.") % {"count": written}
    page.message_user(request, text, messages.SUCCESS)
    if refused:
        text = _("%(count)d rows were refused meanwhile. Upload the file again to see why.")
        page.message_user(request, text % {"count": refused}, messages.WARNING)
    return _to(reverse("admin:catalog_stocklevel_changelist"))


def _tried(request: HttpRequest, form: forms.Form, act: Callable[[], Any]) -> bool:
    try:
        page_once(request, act)
    except Refusal as refusal:
        for name, texts in (refusal.by_field or {"": [str(refusal)]}).items():
            form.add_error(name if name in form.fields else None, texts)
        return False
    return True


def _to(url: str) -> HttpResponse:
    return HttpResponse(status=302, headers={"Location": url})


def _page(page: Any, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    whole = {**page.admin_site.each_context(request), "opts": page.model._meta, **context}
    return TemplateResponse(request, template, whole)
