"""A business that is named by the slug of somebody else's is not found, wherever one is named."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.factories import cast, make_merchant

pytestmark = pytest.mark.django_db

BODIES: dict[str, dict[str, Any]] = {
    "grants": {"identifier": "a@example.com", "title_en": "Tea", "uses": 1}
    | {"person": "a@example.com", "valid_until": "2027-01-31", "reason": "thanks"},
    "staff/invitations": {"email": "a@example.com", "role": "clerk"},
    "stock/counts": {"lines": [{"key": "a", "variant": 1, "counted": 1}]},
}


@pytest.mark.parametrize("path", BODIES)
def test_the_slug_of_another_business_is_not_found(path: str) -> None:
    people = cast()
    client = APIClient()
    client.force_authenticate(people.owner)
    for slug in (people.other_merchant.slug, "no-such-business", make_merchant().slug):
        answer = client.post(
            f"/api/v1/{path}",
            BODIES[path] | {"merchant": slug},
            format="json",
            headers={"Idempotency-Key": f"key-{slug}"},
        )
        assert answer.status_code == 404, (slug, answer.content)
