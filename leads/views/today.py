"""What is due today."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads.scorer import scorer
from leads.today import today
from leads.views.answers import LEAD_WORKERS, answer, page_for, signed_in


@page_for(*LEAD_WORKERS)
def today_page(request: HttpRequest) -> HttpResponse:
    """The parts of one's day, each with its first leads and the way to the rest."""
    now = timezone.now()
    user = signed_in(request)
    reviews = scorer().awaited_reviews(user)
    sections = today(user, now=now)
    return answer(request, "leads/today.html", {"sections": sections, "reviews": reviews, "now": now})
