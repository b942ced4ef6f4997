"""A code on paper: the one function that draws it, for the browser to print."""

from __future__ import annotations

from typing import Any

from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import pgettext_lazy

from kernel import qr
from kernel.http.seo.public import absolute
from stores.codes.models import Code


class Form(TextChoices):
    """What it is printed as; how many of them stand on a sheet of A4 is said in `COPIES`."""

    POSTER = "poster", pgettext_lazy("paper", "A4 poster")
    TENT = "tent", pgettext_lazy("paper", "table tent")
    STICKERS = "stickers", pgettext_lazy("paper", "sheet of stickers")
    TAG = "tag", pgettext_lazy("paper", "shelf tags")


COPIES = {Form.POSTER: 1, Form.TENT: 2, Form.STICKERS: 24, Form.TAG: 10}


def address_of_code(code: Code) -> str:
    """What the QR code says: an address that any phone's camera opens."""
    return absolute(reverse("code", args=[code.code]))


def draw_sheet(request: HttpRequest, *, code: Code, form: Form, title: str) -> HttpResponse:
    """The sheet, ready to print; ``title`` is what guests read above the code."""
    address = address_of_code(code)
    context: dict[str, Any] = {
        "code": code,
        "form": form,
        "forms": list(Form),
        "title": title,
        "place": code.store.name if code.store else "",
        "brand": code.merchant.name if code.merchant else "",
        "address": address.partition("://")[2],
        "drawing": mark_safe(qr.svg(address)),  # noqa: S308 - our own drawing of an address
        "copies": range(COPIES[form]),
    }
    return render(request, "codes/sheet.html", context)
