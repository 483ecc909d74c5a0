"""What isn't a resource: addresses that aren't there."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from leadscoring.api import problems


@csrf_exempt
def nowhere(request: HttpRequest) -> HttpResponse:
    """Whatever else is asked for below /api/."""
    return problems.not_found().answer().response()
