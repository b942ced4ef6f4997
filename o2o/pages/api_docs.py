"""The documentation of the API, and what each code of an error means: `type` of a problem leads there."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.http.problems import known_problems


class ApiDocs(SpectacularSwaggerSplitView):
    """Swagger UI below a list of all codes, each with an anchor of its name."""

    permission_classes = (AllowAny,)
    url_name = "schema"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)
        if request.GET.get("script") is None:
            response.data["problems"] = known_problems()
        return response
