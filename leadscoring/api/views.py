"""What isn't a resource: the description of the API, and addresses that aren't there."""

import json

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from leadscoring.api import problems, reference, schema
from leadscoring.api.answers import JSON, as_json
from leadscoring.api.authentication import caller_of


@extend_schema(exclude=True)
class Schema(APIView):
    """The description, to strangers as it is in any installation."""

    permission_classes = (AllowAny,)

    def get(self, request: Request) -> HttpResponse:
        known = caller_of(request) is not None
        text = as_json(schema.description(own=True)) if known else schema.common_json()
        response = HttpResponse(text, content_type=JSON)
        response["Cache-Control"] = "no-store"
        return response


@login_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The description for people."""
    document = json.loads(schema.common_json())
    return render(request, "api/docs.html", {"groups": reference.entries(document)})


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:
    """Whatever else is asked for below /api/."""
    return problems.not_found().answer().response()
