"""What people do with a lead. Each is a POST, carried out by the verb that every other way in uses too."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from leads import access, activities, list_undo, outcomes, overrides, setting_undo
from leads.bulk import jobs
from leads.contact import refusal_of
from leads.forms import CallForm, OverrideForm, SignalForm
from leads.models import Activity
from leads.queue import claims
from leads.templatetags.moments import say_until
from leads.views import list_changes, setting_changes
from leads.views.answers import LEAD_READERS, LEAD_WORKERS, back, deed_for, done, form_for, signed_in
from leads.views.worked import worked
from leadscoring.errors import DomainError
from leadscoring.people.models import User

# How much of a note a message repeats.
LONGEST_QUOTE = 40


@deed_for(*LEAD_WORKERS)
def claim(request: HttpRequest, lead_id: int) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    held = claims.claim(lead_id=lead_id, actor=user, at=now)
    until = date_format(timezone.localtime(held.expires_at), "H:i")
    said = _("%(lead)s is yours until %(time)s.") % {"lead": held.lead, "time": until}
    return _said(request, said)


@deed_for(*LEAD_WORKERS)
def release(request: HttpRequest, lead_id: int) -> HttpResponse:
    user = signed_in(request)
    claims.release(lead_id=lead_id, actor=user, at=timezone.now())
    return _said(request, _("Given back. Anybody in the team can take it now."))


@deed_for(*LEAD_WORKERS)
def extend(request: HttpRequest, lead_id: int) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    held = claims.extend(lead_id=lead_id, actor=user, at=now)
    return _said(request, _("Yours until %(time)s.") % {"time": say_until(held.expires_at, now)})


@form_for(*LEAD_WORKERS)
def override(request: HttpRequest, lead_id: int) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    lead = access.get_lead(user, lead_id)
    form = OverrideForm(request.POST or None, scale=overrides.scale_of(lead_id), now=now)

    def deed() -> HttpResponse:
        made = overrides.set_override(lead_id=lead_id, actor=user, at=now, **form.verb_arguments())
        said = _("Your judgement counts for %(lead)s until %(time)s.")
        return _said(request, said % {"lead": lead, "time": say_until(made.ends_at, now)})

    heading, fields = _("Override the score"), "leads/override_fields.html"
    return worked(request, lead, form, heading=heading, fields=fields, deed=deed)


@deed_for(*LEAD_WORKERS)
def end_override(request: HttpRequest, override_id: int) -> HttpResponse:
    overrides.end_override(override_id=override_id, actor=signed_in(request), at=timezone.now())
    return _said(request, _("The override has ended. The model's score counts again."))


@form_for(*LEAD_WORKERS)
def call(request: HttpRequest, lead_id: int) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    lead = access.get_lead(user, lead_id)
    form = CallForm(request.POST or None, refuses=refusal_of(lead, now=now) is not None)

    def deed() -> HttpResponse:
        wanted = form.verb_arguments()
        logged = outcomes.log_call(lead_id=lead_id, actor=user, at=now, **wanted)
        said = _("Logged for %(lead)s: %(result)s.") % {"lead": lead, "result": wanted["result"].label}
        done(request, said, undo=logged.pk)
        return back(request)

    heading, fields = _("Log the outcome"), "leads/call_fields.html"
    return worked(request, lead, form, heading=heading, fields=fields, deed=deed)


@form_for(*LEAD_WORKERS)
def signal(request: HttpRequest, lead_id: int) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    lead = access.get_lead(user, lead_id)
    form = SignalForm(request.POST or None, now=now)

    def deed() -> HttpResponse:
        logged = outcomes.log_signal(lead_id=lead_id, actor=user, at=now, **form.verb_arguments())
        said = _("Logged for %(lead)s: %(signal)s. The score follows in a moment.")
        done(request, said % {"lead": lead, "signal": form.cleaned_data["type"]}, undo=logged.pk)
        return back(request)

    heading, fields = _("Log a signal"), "leads/signal_fields.html"
    return worked(request, lead, form, heading=heading, fields=fields, deed=deed)


@deed_for(*LEAD_READERS)
def undo(request: HttpRequest, activity_id: int) -> HttpResponse:
    left = Activity.objects.filter(pk=activity_id, undone_at=None)
    return _undone(request, activity_id, left.values_list("merge_id", flat=True).first())


@deed_for(*LEAD_READERS)
def undo_last(request: HttpRequest) -> HttpResponse:
    """Undo what this person did last, with a lead, a list or a setting: what the key does.

    What was done to many leads at once is taken back as one, on a page that says how many these are.
    """
    user, now = signed_in(request), timezone.now()
    last, changed = activities.last_of(actor=user, now=now), _last_change(user, now)
    if changed is not None and (last is None or changed["at"] > last.at):
        return _UNDONE[changed["kind"]](request, changed["pk"])
    if last is None:
        raise DomainError("activity.none", _("There is nothing left to undo."))
    if (job := jobs.of_deed(last, actor=user, now=now)) is not None:
        messages.info(request, _("You did this to many leads at once. Undo all of it here."))
        return redirect("leads:bulk_job", job.pk)
    return _undone(request, last.pk, last.merge_id)


# What is undone of lists and of settings, each by its name in the query.
_UNDONE: Mapping[str, Callable[[HttpRequest, int], HttpResponse]] = {
    "list": list_changes.undone,
    "setting": setting_changes.undone,
}


def _last_change(user: User, now: datetime) -> Mapping[str, Any] | None:
    """The latest of both that this person can still undo, by one query: `kind`, `at` and `pk`."""
    lists, settings = (
        kept.own_of(user, now=now)
        .filter(undone_at=None)
        .annotate(kind=Value(kind))
        .values("kind", "at", "pk")
        for kind, kept in (("list", list_undo), ("setting", setting_undo))
    )
    latest: Mapping[str, Any] | None = lists.union(settings, all=True).order_by("-at", "-pk").first()
    return latest


def _undone(request: HttpRequest, activity_id: int, merge_id: int | None) -> HttpResponse:
    """Undo it; a merge on its own page, which says first what goes back and what stays."""
    if merge_id is not None:
        return redirect("leads:undo_merge", merge_id)
    found = activities.undo(activity_id=activity_id, actor=signed_in(request), at=timezone.now())
    said = _("Undone: %(deed)s “%(note)s”.") if found.note else _("Undone: %(deed)s.")
    note = Truncator(found.note).chars(LONGEST_QUOTE)
    done(request, said % {"deed": found.get_verb_display().lower(), "note": note})
    return back(request)


def _said(request: HttpRequest, sentence: str) -> HttpResponse:
    last = activities.last_of(actor=signed_in(request), now=timezone.now())
    done(request, sentence, undo=None if last is None else last.pk)
    return back(request)
