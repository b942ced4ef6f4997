"""Nonsense never costs a 500, and a refused request has changed nothing.

The short form takes a sample; ``make fuzz`` walks on (``SEED=7 make fuzz`` walks the same way again).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from kernel.errors import Refusal
from members.models import User
from tests.access.world import World, rolled_back
from tests.nonsense.values import JSON, WORDS, some
from tests.nonsense.walk import (
    ROOMS,
    Sent,
    addresses,
    admin_forms,
    back_office,
    bodies,
    books,
    form_classes,
    line_forms,
    send,
)

pytestmark = pytest.mark.django_db
SEED = int(os.environ.get("SEED") or "7")
ROUNDS = int(os.environ.get("ROUNDS") or "20")
SHORT = 60


def walk(world: World, requests: Iterable[Sent]) -> list[str]:
    before = books()
    wrong = ((sent, send(world, sent, before)) for sent in requests)
    return [f"{sent} {answer}" for sent, answer in wrong if answer]


def sample(requests: Iterable[Sent]) -> list[Sent]:
    return some(Random(SEED), list(requests), SHORT)


def test_no_address_answers_nonsense_with_an_error_of_ours(world: World) -> None:
    assert walk(world, sample(addresses(Random(SEED), world))) == []


def test_no_form_and_no_body_does(world: World) -> None:
    assert walk(world, sample(bodies(Random(SEED), world))) == []


def test_no_page_of_the_back_office_does(world: World) -> None:
    assert walk(world, sample(back_office(Random(SEED), world))) == []


def test_no_form_of_the_back_office_does(world: World) -> None:
    assert walk(world, sample(admin_forms(Random(SEED), world, per_form=1))) == []


@pytest.mark.parametrize("form", form_classes(), ids=lambda form: form.__qualname__)
def test_every_field_of_every_form_refuses_or_takes_any_word(form: Any) -> None:
    random = Random(SEED)
    for name, form_field in form.base_fields.items():
        for word in some(random, WORDS, 12):
            if hasattr(form_field.widget, "widgets"):
                continue  # sent by the walk in its parts
            try:
                form_field.clean([word] if hasattr(form_field, "to_field_name") else word)
            except ValidationError:
                continue
            except Exception as error:
                pytest.fail(f"{form.__qualname__}.{name} of {ascii(word)[:60]}: {error!r}")


def test_no_word_inside_a_right_line_does(world: World) -> None:
    assert walk(world, sample(line_forms(Random(SEED), world, per_field=10))) == []


def test_an_update_of_one_row_is_seen(world: World) -> None:
    before = books()
    with rolled_back():
        User.objects.filter(pk=world.people["clerk"].pk).update(display_name="Somebody else")
        changed = {name for name, digest in books().items() if digest != before[name]}
    assert "members_user" in changed


READ_FROM_ADDRESSES = "Params"


def shapes() -> list[type[serializers.Serializer[Any]]]:
    """What is sent to the API: bodies as its description names them, and parameters."""
    found, waiting, bodies_sent = set(), [serializers.Serializer], described_bodies()
    while waiting:
        for shape in waiting.pop().__subclasses__():
            waiting.append(shape)
            ours = shape.__module__.split(".")[0] in ROOMS
            name = shape.__name__.removesuffix("Serializer")
            if ours and (name in bodies_sent or name.endswith(READ_FROM_ADDRESSES)):
                found.add(shape)
    return sorted(found, key=lambda shape: (shape.__module__, shape.__qualname__))


def described_bodies() -> set[str]:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    contents = [
        method.get("requestBody", {}).get("content", {})
        for path in schema["paths"].values()
        for method in path.values()
    ]
    refs = {
        part["schema"]["$ref"].rsplit("/", 1)[-1]
        for content in contents
        for part in content.values()
        if "$ref" in part["schema"]
    }
    return refs | {name.removesuffix("Request").removeprefix("Patched") for name in refs}


def test_every_field_of_every_body_refuses_or_takes_any_value() -> None:
    random, sent = Random(SEED), shapes()
    assert (
        described_bodies()
        >= {"Token", "EmailToken"}
        <= {shape.__name__.removesuffix("Serializer") for shape in sent}
    )
    for shape in sent:
        for name in [name for name, part in shape().fields.items() if not part.read_only]:
            for value in some(random, JSON, 20):
                try:
                    with suppress(Refusal):  # with a sentence of our own, as the API answers it
                        shape(data={name: value}).is_valid()
                except Exception as error:
                    pytest.fail(f"{shape.__qualname__}.{name} of {ascii(value)[:60]}: {error!r}")


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", [SEED * 1_000 + step for step in range(ROUNDS)])
def test_the_long_walk(seed: int, world: World) -> None:
    wrong: list[str] = []
    for requests in (
        addresses(Random(seed), world),
        bodies(Random(seed), world),
        back_office(Random(seed), world),
        admin_forms(Random(seed), world, per_form=5),
        line_forms(Random(seed), world, per_field=30),
    ):
        wrong += walk(world, requests)
    assert wrong == []
