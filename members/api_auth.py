from __future__ import annotations

import datetime as dt
import hashlib

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from kernel.clock import now
from kernel.db.prepared import Prepared
from kernel.http.scopes import refuse_out_of_scope
from members.models import ApiToken, User


def token_digest(token: str) -> str:
    """The stored form of a bearer token."""
    return hashlib.sha256(token.encode()).hexdigest()


_token_of = Prepared(
    lambda digest, moment: (
        ApiToken.objects.select_related("user")
        .filter(digest=digest, expires_at__gt=moment, user__is_active=True)
        .order_by()
    ),
    str,
    dt.datetime,
)


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer TOKEN`` as given by POST auth/login. One query.

    A key with scopes is refused where the view names another one (kernel.http.scopes).
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        try:
            (token,) = (part.decode() for part in parts[1:])
        except ValueError:
            raise AuthenticationFailed(
                _("Send the header as: Authorization: Bearer TOKEN")
            ) from None
        row = _token_of.first(token_digest(token), now())
        if row is None:
            raise AuthenticationFailed(_("This token is unknown or has expired. Sign in again."))
        view = (request.parser_context or {}).get("view")
        refuse_out_of_scope(view=view, method=request.method or "", scopes=row.scopes)
        return row.user, row

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "members.api_auth.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
