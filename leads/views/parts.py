"""What the queue's panel and a lead's own page show of one lead."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from leads import access, activities, handoffs, override_reviews, overrides, privacy
from leads.away_forms import SkipForm, SnoozeForm
from leads.contact import why_not
from leads.contact_sql import REFUSALS
from leads.forms import CallForm, OverrideForm, SignalForm
from leads.handoff_forms import ReturnForm
from leads.models import Lead
from leads.queue import away, claims
from leads.queue.mornings import mornings_of
from leads.stale_forms import sealed, state_of
from leads.standing import consent_of
from leads.views.answers import signed_in
from leads.views.breakdown import Breakdown, break_down
from leadscoring.people.models import User

RECENT = 4


def parts_of(request: HttpRequest, lead: Lead, *, now: datetime) -> dict[str, Any]:
    """The score taken apart, who holds the lead, and the forms of what this person may do with it."""
    user = signed_in(request)
    breakdown = break_down(lead, now=now)
    consent = consent_of(lead, now=now)
    mornings = mornings_of(user)
    refuses = consent is not None and consent.value in REFUSALS
    override = breakdown.override if breakdown else None
    return {
        "lead": lead,
        "now": now,
        "breakdown": breakdown,
        "review": override_reviews.review_of(override) if override and override.is_large else None,
        "claim": claims.current(lead, now=now),
        "may_work": access.may_work(user, lead, now=now),
        "override_form": OverrideForm(scale=overrides.scale_of(lead.pk), now=now),
        "consent": consent,
        "why_not_contact": why_not(consent) if refuses and consent else "",
        "call_form": CallForm(refuses=refuses),
        "signal_form": SignalForm(now=now),
        "skip_form": SkipForm(mornings=mornings, now=now),
        "snooze_form": SnoozeForm(mornings=mornings, now=now),
        "handoff": handoff_of(user, lead, breakdown, now=now),
        "return_form": ReturnForm(),
        "may_note_objections": user.has_role(*privacy.MAY),
        "opened_on": sealed(state_of(lead.pk, now=now)),
        "snooze": away.snooze_of(lead, now=now),
        "back_from": away.back_from_snooze([lead], now=now).get(lead.pk),
        "skip": away.skip_of(lead, user, now=now),
        "activities": log_with_undo(request, lead, now=now, limit=RECENT),
    }


def handoff_of(user: User, lead: Lead, breakdown: Breakdown | None, *, now: datetime) -> dict[str, Any]:
    """Whether the lead waits to be accepted, or was returned, and whether this person says so."""
    if breakdown is None:
        return {}
    return {
        "waits": handoffs.waits(lead, breakdown.effective),
        "returned": away.is_returned(lead, now=now),
        "last": handoffs.last_of(lead),
        "may_decide": handoffs.may_decide(user, lead, now=now),
        "is_sales": breakdown.effective.band.worked_by == handoffs.SALES,
    }


def log_with_undo(request: HttpRequest, lead: Lead, *, now: datetime, limit: int) -> list[dict[str, Any]]:
    """The latest things that people did with the lead, and whether this person may undo each."""
    user = signed_in(request)
    return [
        {"deed": deed, "may_undo": activities.may_undo(deed, user=user, now=now)}
        for deed in activities.log_of(lead)[:limit]
    ]
