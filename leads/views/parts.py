"""What the queue's panel and a lead's own page show of one lead."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from leads import access, activities, handoffs, override_reviews, overrides, privacy
from leads.at_hand import AtHand, at_hand
from leads.blank_forms import blank_forms
from leads.contact import why_not
from leads.contact_sql import REFUSALS
from leads.models import Lead
from leads.queue import away
from leads.queue.mornings import mornings_of
from leads.stale_forms import sealed
from leads.standing import consent_of
from leads.views.answers import signed_in
from leads.views.breakdown import Breakdown, break_down_now
from leads.views.known import ways_to_reach
from leadscoring.people.models import User

RECENT = 4


def parts_of(request: HttpRequest, lead: Lead, *, now: datetime) -> dict[str, Any]:
    """The score taken apart, who holds the lead, and the forms of what this person may do with it."""
    user = signed_in(request)
    hand = at_hand(lead, user, now=now)
    breakdown = break_down_now(lead, hand.override, now=now)
    consent = consent_of(lead, now=now)
    refuses = consent is not None and consent.value in REFUSALS
    override = breakdown.override if breakdown else None
    return {
        "lead": lead,
        "now": now,
        "breakdown": breakdown,
        "review": override_reviews.review_of(override) if override and override.is_large else None,
        "claim": hand.claim,
        "may_work": access.may_work_held(user, lead, hand.claim),
        "consent": consent,
        "why_not_contact": why_not(consent) if refuses and consent else "",
        "ways_to_reach": [] if refuses else ways_to_reach(lead),
        **blank_forms(
            now=now,
            scale=overrides.scale_by(hand.version_id),
            refuses=refuses,
            mornings=mornings_of(user),
            vocabulary=hand.vocabulary,
        ),
        "handoff": handoff_of(user, lead, breakdown, hand, now=now),
        "may_note_objections": user.has_role(*privacy.MAY),
        "opened_on": sealed(hand.state),
        "snooze": away.snooze_of(lead, now=now),
        "back_from": away.back_from_snooze([lead], now=now).get(lead.pk),
        "skip": hand.skip,
        "members": hand.members,
        "activities": log_with_undo(user, hand.members, now=now, limit=RECENT),
    }


def handoff_of(
    user: User, lead: Lead, breakdown: Breakdown | None, hand: AtHand, *, now: datetime
) -> dict[str, Any]:
    """Whether the lead waits to be accepted, or was returned, and whether this person says so."""
    if breakdown is None:
        return {}
    return {
        "waits": handoffs.waits(lead, breakdown.effective, hand.handoff),
        "returned": away.is_returned(lead, now=now),
        "last": hand.handoff,
        "may_decide": handoffs.may_decide(user, lead, hand.claim),
        "is_sales": breakdown.effective.band.worked_by == handoffs.SALES,
    }


def log_with_undo(user: User, members: Sequence[int], *, now: datetime, limit: int) -> list[dict[str, Any]]:
    """The latest things that people did with these leads, and whether this person may undo each."""
    return [
        {"deed": deed, "may_undo": activities.may_undo(deed, user=user, now=now)}
        for deed in activities.latest_of(members, limit=limit)
    ]
