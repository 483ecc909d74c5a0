"""What people did and what stands around a lead at a moment: one statement for all that its panel shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model

from leads.loading import loaded
from leads.models import Claim, Handoff, Lead, Override, Skip
from leads.stale_forms import State
from leadscoring.people.models import User
from leadscoring.prepared import prepared_cursor

_M = TypeVar("_M", bound=Model)

_OF_USER = ("email", "name")
_OF_CLAIM = ("lead_id", "user_id", "taken_at", "expires_at")
_OF_OVERRIDE = (
    *("lead_id", "id", "author_id", "kind", "points", "band", "reason", "note"),
    *("starts_at", "ends_at", "planned_end", "is_large"),
)
_OF_HANDOFF = ("lead_id", "id", "by_id", "at", "accepted", "reason", "note", "rank")
_OF_SKIP = ("lead_id", "id", "user_id", "until")


def _columns(alias: str, fields: Sequence[str]) -> str:
    return ", ".join(f"{alias}.{field}" for field in fields)


# An override is one at a time, by constraint; so is an outcome that stands, and a snooze.
_QUERY = f"""
SELECT {_columns("c", _OF_CLAIM)}, {_columns("holder", _OF_USER)},
       {_columns("o", _OF_OVERRIDE)}, {_columns("author", _OF_USER)},
       {_columns("h", _OF_HANDOFF)}, {_columns("said_by", _OF_USER)},
       {_columns("k", _OF_SKIP)},
       (SELECT s.version_id FROM leads_score s WHERE s.lead_id = l.id),
       (SELECT x.id FROM leads_outcome x WHERE x.lead_id = l.id AND x.voided_at IS NULL),
       (SELECT z.id FROM leads_snooze z
         WHERE z.lead_id = l.id AND z.ended_at IS NULL AND z.until > %(now)s::timestamptz),
       ARRAY (SELECT DISTINCT m.absorbed_id FROM leads_merge m
               WHERE m.kept_id = l.id AND m.undone_at IS NULL ORDER BY m.absorbed_id),
       (SELECT revision FROM leads_vocabulary)
  FROM leads_lead l
  LEFT JOIN leads_claim c ON c.lead_id = l.id AND c.expires_at > %(now)s::timestamptz
  LEFT JOIN people_user holder ON holder.id = c.user_id
  LEFT JOIN leads_override o
         ON o.lead_id = l.id AND o.starts_at <= %(now)s::timestamptz AND o.ends_at > %(now)s::timestamptz
  LEFT JOIN people_user author ON author.id = o.author_id
  LEFT JOIN LATERAL (
       SELECT * FROM leads_handoff h
        WHERE h.lead_id = l.id AND h.undone_at IS NULL ORDER BY h.at DESC, h.id DESC LIMIT 1) h ON TRUE
  LEFT JOIN people_user said_by ON said_by.id = h.by_id
  LEFT JOIN LATERAL (
       SELECT * FROM leads_skip k
        WHERE k.lead_id = l.id AND k.user_id = %(user)s::bigint
          AND k.until > %(now)s::timestamptz AND k.ended_at IS NULL ORDER BY k.until DESC LIMIT 1) k ON TRUE
 WHERE l.id = %(lead)s::bigint
"""


@dataclass(frozen=True, slots=True)
class AtHand:
    """What stands around a lead, None for what there isn't.

    The claim that runs with its user, the override that is active with its author, what was said last of the
    handoff with who said it, and the skip that keeps the lead out of the asking person's queue.
    `version_id` is the version that scored it; `members` are the lead and those it absorbed; `vocabulary` is
    the revision of the signal types that there are.
    """

    claim: Claim | None
    override: Override | None
    handoff: Handoff | None
    skip: Skip | None
    version_id: int | None
    state: State
    members: Sequence[int]
    vocabulary: UUID


def at_hand(lead: Lead, user: User, *, now: datetime) -> AtHand:
    """One query. Raises Lead.DoesNotExist."""
    with prepared_cursor() as cursor:
        cursor.execute(_QUERY, {"lead": lead.pk, "user": user.pk, "now": now})
        row = cursor.fetchone()
    if row is None:
        raise Lead.DoesNotExist(f"There is no lead {lead.pk}.")
    columns = iter(row)
    claim = _with_person(Claim, _OF_CLAIM, "user", columns)
    override = _with_person(Override, _OF_OVERRIDE, "author", columns)
    handoff = _with_person(Handoff, _OF_HANDOFF, "by", columns)
    skip = _one(Skip, _OF_SKIP, columns)
    version_id, outcome_id, snooze_id, absorbed, vocabulary = columns
    holder_id, override_id = getattr(claim, "user_id", None), getattr(override, "pk", None)
    state = State(lead.owner_id, holder_id, outcome_id, override_id, snooze_id)
    members = [lead.pk, *absorbed]
    return AtHand(claim, override, handoff, skip, version_id, state, members, vocabulary)


def _with_person(model: type[_M], fields: Sequence[str], role: str, columns: Iterator[Any]) -> _M | None:
    """What the next columns say, with the person that it names as `role`; None where there is no such row."""
    values, named = list(islice(columns, len(fields))), list(islice(columns, len(_OF_USER)))
    if values[0] is None:
        return None
    person = loaded(User, ("id", *_OF_USER), (values[fields.index(f"{role}_id")], *named))
    return loaded(model, fields, values, **{role: person})


def _one(model: type[_M], fields: Sequence[str], columns: Iterator[Any]) -> _M | None:
    values = list(islice(columns, len(fields)))
    return None if values[0] is None else loaded(model, fields, values)
