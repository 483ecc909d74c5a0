"""What one did in the last day, with undo: to leads one by one, to many at once, to lists and to settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import activities, list_undo, setting_undo
from leads.models import BulkJob, Reassignment
from leads.undoing import MOST_RECENT, UNDO_WITHIN
from leads.views.answers import LEAD_READERS, answer, page_for, signed_in
from leads.views.bulk import headings
from leadscoring.people.models import User


@dataclass(frozen=True, slots=True)
class OfMany:
    """Something that was done to many leads as one, and is undone as one on its own page."""

    said: str
    leads: int
    path: str
    is_undone: bool


@page_for(*LEAD_READERS)
def activity(request: HttpRequest) -> HttpResponse:
    """The person's own deeds that can still be undone, the latest first, and those that were undone."""
    user, now = signed_in(request), timezone.now()
    deeds = activities.recent_of(user, now=now)
    items: list[dict[str, Any]] = [
        {"at": deed.at, "deed": deed, "may_undo": activities.may_undo(deed, user=user, now=now)}
        for deed in deeds
    ]
    items += [{"at": change.at, "change": change} for change in list_undo.recent_of(user, now=now)]
    items += [{"at": each.at, "setting": each} for each in setting_undo.recent_of(user, now=now)]
    items += [{"at": at, "many": many} for at, many in _of_many(user, since=now - UNDO_WITHIN)]
    items.sort(key=lambda item: item["at"], reverse=True)
    context = {"items": items, "now": now, "most": len(deeds) == MOST_RECENT}
    return answer(request, "leads/activity.html", context)


def _of_many(user: User, *, since: datetime) -> Iterator[tuple[datetime, OfMany]]:
    undoing = BulkJob.objects.filter(undoes=OuterRef("pk"))
    jobs = BulkJob.objects.filter(actor=user, made_at__gt=since).exclude(kind=BulkJob.Kind.UNDO)
    for job in jobs.annotate(count=Count("items"), is_undone=Exists(undoing)):
        page = reverse("leads:bulk_job", args=(job.pk,))
        yield job.made_at, OfMany(headings()[job.kind], job.count, page, job.is_undone)
    for act in Reassignment.objects.filter(actor=user, at__gt=since, leads__gt=1):
        page = reverse("leads:reassigned", args=(act.pk,))
        yield act.at, OfMany(_("Giving leads away"), act.leads, page, act.undone_at is not None)
