"""What one did in the last day, with undo."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads import activities
from leads.views.answers import LEAD_READERS, answer, page_for, signed_in


@page_for(*LEAD_READERS)
def activity(request: HttpRequest) -> HttpResponse:
    """The person's own deeds that can still be undone, the latest first, and those that were undone."""
    user, now = signed_in(request), timezone.now()
    deeds = activities.recent_of(user, now=now)
    items = [{"deed": deed, "may_undo": activities.may_undo(deed, user=user, now=now)} for deed in deeds]
    context = {"items": items, "now": now, "most": len(items) == activities.MOST_RECENT}
    return answer(request, "leads/activity.html", context)
