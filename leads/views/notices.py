"""What one was told, and choosing what to be told."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.models.notice import Channel, NoticeKind
from leads.notices import reading
from leads.notices.wording import sentence
from leads.views.answers import answer, back, deed_for, form_for, page_for, signed_in
from leads.views.setting_changes import done_to_setting
from leadscoring.people.roles import Role

SHOWN = 100
PAGE = "/notices/"


@page_for(*Role)
def notices(request: HttpRequest) -> HttpResponse:
    """The latest notices, new ones marked."""
    found = list(reading.notices_of(signed_in(request))[:SHOWN])
    context = {
        "notices": [(notice, sentence(notice)) for notice in found],
        "newest": max((notice.pk for notice in found), default=0),
        "any_new": any(notice.read_at is None for notice in found),
        "now": timezone.now(),
    }
    return answer(request, "leads/notices.html", context)


@deed_for(*Role)
def read(request: HttpRequest) -> HttpResponse:
    """Note that what was shown has been read; what came since stays new."""
    text = request.POST.get("up_to", "")
    up_to = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    reading.mark_read(actor=signed_in(request), up_to=up_to, at=timezone.now())
    return back(request, PAGE)


@form_for(*Role)
def settings(request: HttpRequest) -> HttpResponse:
    """Which kinds one is told of, and how."""
    user = signed_in(request)
    offered, unwanted = reading.kinds_for(user), reading.unwanted_by(user)
    if request.method == "POST":
        wanted = {
            (kind, channel)
            for kind in NoticeKind
            for channel in Channel
            if (f"{kind}-{channel}" in request.POST if kind in offered else (kind, channel) not in unwanted)
        }
        at = timezone.now()
        reading.choose(actor=user, wanted=wanted, at=at)
        done_to_setting(request, _("Saved."), at=at)
        return back(request, "/settings/notices/")
    rows: list[dict[str, Any]] = [
        {
            "label": kind.label,
            "boxes": [
                {
                    "name": f"{kind}-{channel}",
                    "label": channel.label,
                    "checked": (kind, channel) not in unwanted,
                }
                for channel in Channel
            ],
        }
        for kind in offered
    ]
    return answer(request, "leads/notice_settings.html", {"rows": rows})
