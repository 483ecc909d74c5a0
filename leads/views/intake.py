"""What came in: what waits, what can't be used and why, and letting it be tried again."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.intake import quarantine
from leads.models import IgnoredEvents, IntakeMessage
from leads.views.answers import answer, back, deed_for, done, form_for, page_for, signed_in

SHOWN = 50
PAGE = "/intake/"


@page_for(*quarantine.MAY)
def intake(request: HttpRequest) -> HttpResponse:
    """Reasons with their counts; `?code=` and `?reason=` list the messages of one."""
    code, reason = request.GET.get("code", ""), request.GET.get("reason", "").replace("\0", "")
    waiting = IntakeMessage.objects.filter(state=IntakeMessage.State.WAITING)
    held = IntakeMessage.objects.filter(state=IntakeMessage.State.HELD)
    context: dict[str, Any] = {
        "waiting": waiting[: settings.INTAKE_BOUND].count(),
        "held": held[: settings.INTAKE_BOUND].count(),
        "oldest": waiting.order_by("received_at").values_list("received_at", flat=True).first(),
        "groups": [
            (group, "?" + urlencode({"code": group.code, "reason": group.reason}))
            for group in quarantine.groups()
        ],
        "code": code,
        "reason": reason,
        "ignored": IgnoredEvents.objects.order_by("-count", "name")[:SHOWN],
        "may_map": signed_in(request).has_role(*quarantine.MAPPERS),
        "map": reverse("admin:leads_eventmapping_add"),
        "now": timezone.now(),
    }
    if code:
        pages = Paginator(quarantine.of_reason(code, reason), SHOWN)
        context["listed"] = pages.get_page(request.GET.get("page"))
        context["query"] = urlencode({"code": code, "reason": reason})
    return answer(request, "leads/intake.html", context)


@form_for(*quarantine.MAY)
def snippet(request: HttpRequest) -> HttpResponse:
    """The lines to paste into a website; a posted key is put in, and kept nowhere."""
    key = request.POST.get("key", "").strip()[:200]
    script = f"{settings.PUBLIC_URL}{settings.STATIC_URL}leadscoring/track.js"
    context = {"key": key, "script": script, "origin": settings.PUBLIC_URL}
    return answer(request, "leads/snippet.html", context)


@deed_for(*quarantine.MAY)
def replay(request: HttpRequest) -> HttpResponse:
    """Try the chosen messages again."""
    ids = [int(text) for text in request.POST.getlist("message") if text.isdecimal() and len(text) < 19]
    _say(request, quarantine.replay(ids=ids, actor=signed_in(request), at=timezone.now()))
    return back(request, PAGE)


@deed_for(*quarantine.MAY)
def replay_reason(request: HttpRequest) -> HttpResponse:
    """Try all messages of a reason again."""
    count = quarantine.replay_reason(
        code=request.POST.get("code", ""),
        reason=request.POST.get("reason", "").replace("\0", ""),
        actor=signed_in(request),
        at=timezone.now(),
    )
    _say(request, count)
    return back(request, PAGE)


def _say(request: HttpRequest, count: int) -> None:
    if count:
        said = ngettext("%(count)d message is tried again.", "%(count)d messages are tried again.", count)
        done(request, said % {"count": count})
    else:
        done(request, _("There was nothing to try again."))
