"""Send nonsense to an address as a role, and look at what is left of it afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from tests.access.addresses import BACK_OFFICE, SITE
from tests.access.rules import RULES
from tests.access.world import World, rolled_back
from tests.nonsense.values import BODIES, CHARSETS, HEADERS, JSON, WORDS

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ROOMS = {init.parent.name for init in settings.BASE_DIR.glob("*/__init__.py")} - {"tests"}
OFFICE = (
    *("operator", "desk_finance", "support", "risk", "owner", "manager", "local_manager", "clerk"),
    *("finance", "reader", "suspended_owner", "removed_clerk", "other_owner", "customer"),
)
MAY_GROW = frozenset({"django_session", "watch_incident", "idempotency_idempotencykey"})
"""What a refused request may leave: a session, its stored refusal, a report for the operator."""
_PART = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\[[^\]]*\]|[^()])*\)")


@dataclass(frozen=True)
class Sent:
    """One request; prints as what is needed to send it again."""

    role: str
    method: str
    path: str
    data: Any = None
    kind: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        parts = (self.data, self.kind, self.headers, self.cookies)
        shown = "; ".join(ascii(part)[:300] for part in parts if part)
        return f"{self.role}: {self.method} {ascii(self.path)[:300]} {shown}"


def books() -> dict[str, str]:
    """A digest of every table that a refused request leaves alone: its rows and what is in them."""
    real = set(connection.introspection.table_names())
    models = apps.get_models(include_auto_created=True)
    tables = sorted({model._meta.db_table for model in models} & real - MAY_GROW)
    digests = ", ".join(
        f"(SELECT count(*) || '/' || coalesce(sum(hashtextextended(t::text, 0)), 0)"
        f' FROM "{table}" t)'
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {digests}")
        return dict(zip(tables, cursor.fetchone(), strict=True))


def send(world: World, sent: Sent, before: dict[str, str]) -> str:
    """Send it and forget it; return what is wrong with the answer, "" if nothing is."""
    browser = Client(raise_request_exception=False)
    browser.handler = world.handler
    headers = dict(sent.headers)
    if sent.path.startswith("/api/"):
        headers = {**world.api_headers(sent.role), "idempotency-key": "nonsense-1", **headers}
    else:
        browser.cookies.load(world.cookies.get(sent.role, {}))
    for name, value in sent.cookies.items():
        browser.cookies[name] = value.encode().decode("latin-1")
    body, kind = _body(sent)
    with rolled_back():
        response = browser.generic(sent.method, sent.path, body, kind, headers=headers)
        wrong = _wrong(response)
        if not wrong and sent.method in WRITING and response.status_code >= 400:
            connection.needs_rollback = False
            changed = {name: n for name, n in books().items() if n != before[name]}
            wrong = f"answers {response.status_code} and changes {changed}" if changed else ""
    return wrong


def _wrong(response: HttpResponse) -> str:
    if response.status_code < 500:
        return ""
    error = getattr(response, "exc_info", None)
    return f"answers {response.status_code}: {error[1]!r:.200}" if error else "answers 500"


def _body(sent: Sent) -> tuple[bytes, str]:
    if isinstance(sent.data, bytes):
        return sent.data, sent.kind or "application/json"
    if sent.kind == "application/json":
        return json.dumps(sent.data).encode(), sent.kind
    if sent.data is None:
        return b"", sent.kind or "application/octet-stream"
    if any(isinstance(value, SimpleUploadedFile) for value in sent.data.values()):
        return encode_multipart(BOUNDARY, sent.data), MULTIPART_CONTENT
    pairs = [(name, value) for name, value in sent.data.items() if value is not None]
    text = urlencode(pairs, doseq=True, errors="surrogatepass")
    return text.encode(), "application/x-www-form-urlencoded"


def fill(route: str, args: dict[str, Any]) -> str:
    """An address of a route with ``args`` in it, quoted, whether the route takes them or not."""
    plain = route.replace("^", "").replace("\\", "").removesuffix("$")
    return "/" + _PART.sub(lambda m: quote(str(args.get(m[1] or m[2], 1)), safe=""), plain)


def parts(route: str) -> list[str]:
    """The names of a route's parameters."""
    return [m[1] or m[2] for m in _PART.finditer(route)]


def form_classes() -> list[type[forms.BaseForm]]:
    """Every form that our rooms define, admin forms included."""
    found: set[type[forms.BaseForm]] = set()
    waiting: list[type] = [forms.Form, forms.ModelForm]
    while waiting:
        for form in waiting.pop().__subclasses__():
            waiting.append(form)
            if form.__module__.split(".")[0] in ROOMS:
                found.add(form)
    return sorted(found, key=lambda form: (form.__module__, form.__qualname__))


def field_names() -> list[str]:
    """Names that parameters of an address or a form may have."""
    known = "q tab page cursor page_size near radius lang date state store order e p o all"
    known += (
        " city category merchant sort next offer seen code uses form_key picture _popup _to_field"
    )
    found = {name for form in form_classes() for name in form.base_fields}
    return sorted(found | set(known.split()))


def list_names(model_admin: Any) -> list[str]:
    """Names of look-ups that a list of the back office might be asked for."""
    names = ["q", "p", "o", "all", "e", "_changelist_filters", "_facets", "id", "pk__in"]
    for column in model_admin.model._meta.concrete_fields:
        names += [column.name, f"{column.name}__year", f"{column.name}__gte", f"{column.name}__in"]
        names += [f"{column.name}__isnull", f"{column.name}__range__gte", f"{column.name}_from"]
        names += [f"{column.name}__exact", f"{column.name}__id__exact"]  # as declared filters ask
    return names


def addresses(random: Random, world: World) -> Iterator[Sent]:
    """Every route × method with nonsense in the path, the query, headers and cookies."""
    names = field_names()
    for address in SITE:
        args = RULES[address.name].args(world)
        for method in METHODS:
            role = random.choice([*world.tokens, "guest"])
            for part in parts(address.route):
                path = fill(address.route, {**args, part: random.choice(WORDS) or "-"})
                yield Sent(role, method, path)
            query = urlencode({random.choice(names): random.choice(WORDS) for _ in range(3)})
            path = fill(address.route, args)
            yield Sent(role, method, f"{path}?{query}")
            yield Sent(role, method, f"{path}?%ED%A0%80=%FF&{'a' * 50}&=&&%00")
            yield Sent(role, method, path, headers=random.choice(HEADERS))
            yield Sent(role, method, path, cookies=_cookies(random))


def _cookies(random: Random) -> dict[str, str]:
    names = ("sessionid", "csrftoken", "city", "near", "theme", "django_language", "messages")
    words = [word for word in WORDS if len(word) < 4_000]
    return {name: random.choice(words) for name in random.sample(names, 3)}


def bodies(random: Random, world: World) -> Iterator[Sent]:
    """Every address that is written to, with its own data, one thing in it made nonsense."""
    names = field_names()
    for address in SITE:
        rule = RULES[address.name]
        path, data = fill(address.route, rule.args(world)), rule.data(world)
        for method in sorted(WRITING & set(rule.methods)):
            roles = [r for r, answer in rule.methods[method].items() if answer not in (401, 404)]
            role = random.choice(roles or ["customer"])
            if path.startswith("/api/"):
                yield Sent(role, method, path, random.choice(BODIES))
                for changed in mutated(random, data):
                    yield Sent(role, method, path, changed, "application/json")
                charset = random.choice(CHARSETS)
                plain = json.dumps(data).encode("utf-16" if charset == "utf-16" else "utf-8")
                yield Sent(role, method, path, plain, f"application/json; charset={charset}")
                continue
            yield Sent(role, method, path, random.choice(BODIES))
            yield Sent(
                role, method, path, b"a=%00&b=%ED%A0%80&c=%FF", "application/x-www-form-urlencoded"
            )
            kind = f"application/x-www-form-urlencoded; charset={random.choice(CHARSETS)}"
            yield Sent(role, method, path, urlencode(_plain(data)).encode(), kind)
            yield Sent(role, method, path, b"--x\r\n\r\n" * 50, "multipart/form-data; boundary=x")
            for name in [*data, *random.sample(names, 4)]:
                if name != "form_key":
                    yield Sent(role, method, path, {**data, name: random.choice(WORDS)})


def _plain(data: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in data.items() if value is not None}


def mutated(random: Random, data: Any) -> Iterator[Any]:
    """Copies of JSON data, one leaf or branch of each replaced by nonsense."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield {**data, name: random.choice(JSON)}
            yield {other: left for other, left in data.items() if other != name}
            for changed in mutated(random, value):
                yield {**data, name: changed}
    elif isinstance(data, list):
        for changed in mutated(random, data[0]) if data else ():
            yield [changed]
        yield data * 300


def back_office(random: Random, world: World) -> Iterator[Sent]:
    """Every page of the admin: its address, its list, its look-ups."""
    for address in BACK_OFFICE:
        role = random.choice(OFFICE)
        for part in parts(address.route) or [""]:
            args = {part: random.choice(WORDS) or "-", "app_label": "catalog"}
            yield Sent(role, random.choice(METHODS), fill(address.route, args))
            query = urlencode({random.choice(field_names()): random.choice(WORDS)})
            yield Sent(role, "GET", f"{fill(address.route, {'object_id': 1})}?{query}")
    files = {fill(a.route, {}) for a in BACK_OFFICE if a.route.endswith("/download/")}
    for model, model_admin in admin.site._registry.items():
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for name in random.sample(list_names(model_admin), 6):
            query = urlencode({name: random.choice(WORDS)})
            yield Sent(random.choice(OFFICE), "GET", f"{url}?{query}")
            if f"{url}download/" in files:
                yield Sent(random.choice(OFFICE), "GET", f"{url}download/?{query}")
        action = {"action": random.choice(WORDS), "_selected_action": random.choice(WORDS)}
        yield Sent(random.choice(OFFICE), "POST", url, action)


def admin_forms(random: Random, world: World, per_form: int) -> Iterator[Sent]:
    """Every form of the back office as a browser would send it back, one field made nonsense.

    Who has no such form sends what the operator's says.
    """
    for url in form_pages():
        role = random.choice(OFFICE)
        data = form_data(world, role, url) or form_data(world, "operator", url)
        for name in random.sample(sorted(data), min(per_form, len(data))):
            yield Sent(role, "POST", url, {**data, name: random.choice(WORDS)})


def form_pages() -> Iterator[str]:
    """Where rows are added, and where the first one of each kind is changed."""
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.order_by("pk").first()
        yield reverse(f"admin:{label}_add")
        if row is not None:
            yield reverse(f"admin:{label}_change", args=[row.pk])


LINES = {
    "included_text": "2 × Pork dumplings | 猪肉水饺 | 36.00\n1 × Tea | 茶 | 8.00",
    "blackout_text": "Sat Sun 11:30-13:30\n2026-10-01..2026-10-07",
    "notes_text": "Please book a day ahead | 请提前一天预约\nNo dogs | 谢绝宠物",
    "provenance_text": "farm: Hillside Farm | 山边农场\nbatch: 7",
}
"""What is right in fields of several lines."""
_TOKENS = re.compile(r"[\w.:×-]+")


def spoilt(random: Random, text: str) -> str:
    """``text`` with a word of nonsense in one place of it, in the place of a word or beside it."""
    found = random.choice(list(_TOKENS.finditer(text)))
    start = random.choice((found.start(), found.end()))
    end = random.choice((start, found.end()))
    return text[:start] + random.choice(WORDS) + text[end:]


def line_forms(random: Random, world: World, per_field: int) -> Iterator[Sent]:
    """Right lines with a word of nonsense inside, in the forms of products."""
    product = world.mine.product
    url = reverse("admin:catalog_product_change", args=[product.pk])
    data = {**form_data(world, "owner", url), **LINES}
    for name, text in LINES.items():
        for _ in range(per_field):
            role = random.choice(("owner", "manager", "operator"))
            yield Sent(role, "POST", url, {**data, name: spoilt(random, text)})


def file_forms(world: World) -> list[tuple[str, str, dict[str, Any], str]]:
    """Everything that takes a file: who, where, the rest of the form, the name of the field."""
    store = [world.mine.store.pk]
    found: list[tuple[str, str, dict[str, Any], str]] = [
        ("clerk", reverse(f"console_{page}", args=store), {}, "picture")
        for page in ("decode", "preview")
    ]
    for url in form_pages():
        data = form_data(world, "operator", url)
        for name in file_fields(world, "operator", url):
            found.append(("operator", url, data, name))
    return found


def file_fields(world: World, role: str, url: str) -> list[str]:
    """The names of the file fields of the form at ``url``."""
    return [
        bound.html_name.replace("__prefix__", "0")
        for form in forms_at(world, role, url)
        for bound in form
        if isinstance(bound.field, forms.FileField)
    ]


def forms_at(world: World, role: str, url: str) -> list[Any]:
    """The forms of a page of the back office, those of its inlines too."""
    with rolled_back():
        context = world.visitor(role).get(url).context
    if not context or "adminform" not in context:
        return []
    found = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        found += [inline.formset.management_form, *inline.formset.forms, inline.formset.empty_form]
    return found


def form_data(world: World, role: str, url: str) -> dict[str, Any]:
    """What a browser would send back from the page at ``url``; nothing where there is no form."""
    data: dict[str, Any] = {}
    for form in forms_at(world, role, url):
        for bound in form:
            value, name = bound.value(), bound.html_name.replace("__prefix__", "0")
            if hasattr(bound.field.widget, "widgets"):
                for number, part in enumerate(bound.field.widget.decompress(value)):
                    data[f"{name}_{number}"] = "" if part is None else str(part)
            elif value is not None and value is not False and not hasattr(value, "storage"):
                data[name] = value if isinstance(value, list | tuple) else str(value)
    for name in [name for name in data if name.endswith("TOTAL_FORMS")]:
        data[name] = str(max(1, int(data[name])))
    return data
