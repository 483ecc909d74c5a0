"""The log of what people did with a lead, and undoing it.

Whoever did it may undo it, and so may a manager of the lead's team, within a day.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from leads import access, handoffs, notes, outcomes, override_reviews, overrides, privacy, reassigning, values
from leads.ingestion.signals import retract_signal
from leads.loading import loaded
from leads.merging.members import members_of
from leads.merging.verbs import undo_merge
from leads.models import Activity, Lead, Reassignment
from leads.queue import claims, skips, snoozes
from leads.undoing import UNDO_WITHIN, check_in_time, check_once, in_time, latest
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.prepared import prepared_cursor

NOTHING_LEFT = "activity.over"


def log_of(lead: Lead) -> QuerySet[Activity]:
    """What was done with a lead and those it absorbed, undone things included, the latest first. Slice it."""
    done = Activity.objects.filter(lead__in=members_of(lead)).select_related("actor")
    return done.order_by("-at", "-pk")


_OF_ACTIVITY = ("id", "lead_id", "actor_id", "verb", "at", "note", "undone_at", "reassignment_id")
_LATEST = f"""
SELECT {", ".join(f"a.{column}" for column in _OF_ACTIVITY)},
       l.team_id, l.absorbed_into_id, u.email, u.name, r.leads
  FROM leads_activity a
  JOIN leads_lead l ON l.id = a.lead_id
  JOIN people_user u ON u.id = a.actor_id
  LEFT JOIN leads_reassignment r ON r.id = a.reassignment_id
 WHERE a.lead_id = ANY (%(leads)s::bigint[])
 ORDER BY a.at DESC, a.id DESC LIMIT %(limit)s::int
"""


def latest_of(lead_ids: Sequence[int], *, limit: int) -> list[Activity]:
    """The latest that was done with these leads, undone things included, as pages show it. One query."""
    with prepared_cursor() as cursor:
        cursor.execute(_LATEST, {"leads": list(lead_ids), "limit": limit})
        return [_shown(*row) for row in cursor.fetchall()]


def _shown(*row: Any) -> Activity:
    values, (team_id, absorbed_into_id, email, name, leads) = (
        row[: len(_OF_ACTIVITY)],
        row[len(_OF_ACTIVITY) :],
    )
    _pk, lead_id, actor_id, *_rest, reassignment_id = values
    related: dict[str, Model] = {
        "lead": loaded(Lead, ("id", "team_id", "absorbed_into_id"), (lead_id, team_id, absorbed_into_id)),
        "actor": loaded(User, ("id", "email", "name"), (actor_id, email, name)),
    }
    if reassignment_id is not None:
        related["reassignment"] = loaded(Reassignment, ("id", "leads"), (reassignment_id, leads))
    return loaded(Activity, _OF_ACTIVITY, values, **related)


def own_of(user: User, *, now: datetime) -> QuerySet[Activity]:
    """What this person did within the time in which it can be undone, in no order."""
    mine = in_time(Activity.objects.all(), actor=user, now=now)
    return mine.select_related("lead", "actor", "outcome", "skip", "snooze", "handoff", "reassignment")


def recent_of(user: User, *, now: datetime) -> QuerySet[Activity]:
    """The same but for leads that were given away with others, as one; the latest `MOST_RECENT` first."""
    return latest(own_of(user, now=now).exclude(reassignment__leads__gt=1))


_OF_LAST = ("id", "at", "verb", "merge_id", "reassignment_id")
_LAST = f"""
SELECT {", ".join(f"a.{column}" for column in _OF_LAST)}
  FROM leads_activity a LEFT JOIN leads_reassignment r ON r.id = a.reassignment_id
 WHERE a.actor_id = %(actor)s::bigint AND a.undone_at IS NULL AND a.at > %(since)s::timestamptz
   AND (r.leads IS NULL OR r.leads <= 1)
 ORDER BY a.at DESC, a.id DESC LIMIT 1
"""


def last_of(*, actor: User, now: datetime) -> Activity | None:
    """The latest thing that this person did and can still undo: what the undo key takes back."""
    with prepared_cursor() as cursor:
        cursor.execute(_LAST, {"actor": actor.pk, "since": now - UNDO_WITHIN})
        row = cursor.fetchone()
    return None if row is None else loaded(Activity, _OF_LAST, row)


def may_undo(activity: Activity, *, user: User, now: datetime) -> bool:
    """Whether a page should offer this person to undo it. It may still turn out that nothing is left to."""
    if activity.lead.absorbed_into_id is not None:
        return False
    ours = activity.actor_id == user.pk or access.manages(user, activity.lead)
    alone = activity.reassignment is None or activity.reassignment.leads == 1
    return ours and alone and activity.undone_at is None and now - activity.at <= UNDO_WITHIN


@transaction.atomic
def undo(*, activity_id: int, actor: User, at: datetime) -> Activity:
    """Take back what an activity did, and bring back what it ended: the claim, snooze or override before.

    Raises DomainError: `activity.not_found`, `lead.not_found`, `activity.not_yours`, `activity.undone`,
    `activity.too_late`, `activity.over` (what it did has ended since), `override.replaced`, `claim.held`.
    """
    activity = Activity.objects.filter(pk=activity_id).first()
    if activity is None:
        raise DomainError("activity.not_found", _("There is nothing to undo."))
    lead = access.lock_to_see(actor, activity.lead_id)
    activity = Activity.objects.get(pk=activity_id)  # as it is under the lock
    _check(activity, lead, actor, at)
    _UNDO[Activity.Verb(activity.verb)](activity, lead, actor, at)
    activity.undone_at = at
    activity.save(update_fields=("undone_at",))
    record(action="activity.undone", target=activity, actor=actor, at=at, lead=lead.pk, verb=activity.verb)
    return activity


def _check(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    if activity.actor_id != actor.pk and not access.manages(actor, lead):
        raise DomainError(
            "activity.not_yours",
            _("Only %(person)s or a manager can undo this.") % {"person": activity.actor},
        )
    check_once("activity", is_undone=activity.undone_at is not None)
    check_in_time("activity", done_at=activity.at, at=at)


def _nothing(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """A note, or a call that nobody answered, left nothing but its line in the log."""


def _retract(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    if activity.signal_key is not None:
        retract_signal(key=activity.signal_key, at=at)


def _end_override(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    override = activity.override
    running = None if override is None else overrides.running_as(override, at=at)
    if override is None or running is None:
        raise DomainError(NOTHING_LEFT, _("This override has ended already."))
    overrides.end(running, actor=actor, at=at)
    if override.replaces is not None:
        overrides.resume(override.replaces, actor=actor, at=at)


def _resume_override(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    if activity.override is not None:
        override_reviews.check_may_resume(activity.override, actor=actor)
    if activity.override is None or overrides.resume(activity.override, actor=actor, at=at) is None:
        raise DomainError(NOTHING_LEFT, _("This override would have ended by now."))


def _review_again(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    if activity.override is None or not override_reviews.take_back(activity.override, actor=actor, at=at):
        raise DomainError(NOTHING_LEFT, _("This review no longer stands."))


def _give_back(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    act = activity.reassignment
    if act is None or act.leads != 1:
        raise DomainError("activity.one_of_many", _("This was done to many leads at once. Undo it as one."))
    reassigning.undo(reassignment_id=act.pk, actor=actor, at=at)


def _part(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    if activity.merge_id is not None:
        undo_merge(merge_id=activity.merge_id, actor=actor, at=at)


_Undo = Callable[[Activity, Lead, User, datetime], None]
_UNDO: dict[Activity.Verb, _Undo] = {
    Activity.Verb.CLAIMED: claims.undo_claim,
    Activity.Verb.RELEASED: claims.undo_release,
    Activity.Verb.EXTENDED: claims.undo_extension,
    Activity.Verb.SKIPPED: skips.undo_skip,
    Activity.Verb.SNOOZED: snoozes.undo_snooze,
    Activity.Verb.WOKEN: snoozes.undo_wake,
    Activity.Verb.NO_ANSWER: _nothing,
    Activity.Verb.CONVERSATION: _retract,
    Activity.Verb.MEETING: _retract,
    Activity.Verb.SIGNAL: _retract,
    Activity.Verb.OUTCOME: outcomes.undo_outcome,
    Activity.Verb.OVERRIDE: _end_override,
    Activity.Verb.OVERRIDE_ENDED: _resume_override,
    Activity.Verb.MERGED: _part,
    Activity.Verb.VALUE: values.undo_value,
    Activity.Verb.ACCEPTED: handoffs.undo_handoff,
    Activity.Verb.RETURNED: handoffs.undo_handoff,
    Activity.Verb.HANDED_OVER: handoffs.undo_hand_over,
    Activity.Verb.NOTE: _nothing,
    Activity.Verb.NOTE_CHANGED: notes.undo_change,
    Activity.Verb.OBJECTED: privacy.undo_objection,
    Activity.Verb.OBJECTION_WITHDRAWN: privacy.undo_withdrawal,
    Activity.Verb.OVERRIDE_KEPT: _review_again,
    Activity.Verb.REASSIGNED: _give_back,
}
