"""What is known about one lead, as evidence needs it."""

import json
from datetime import datetime
from functools import lru_cache

from leads.models import Lead
from leadscoring.prepared import prepared_cursor
from scoring_models.evidence import STATE_TYPES, Known
from scoring_models.spec import AttributeCondition, Spec

# An array, since the planner would read all signals for a list of leads that it can't count.
_QUERY = """
SELECT l.created_at, a.attributes, l.attributes, g.types, g.moments
  FROM leads_lead l_now
 CROSS JOIN LATERAL leads_lead_at(l_now, %(as_of)s::timestamptz, %(known_at)s::timestamptz) l
  LEFT JOIN leads_account a_now ON a_now.id = l.account_id
  LEFT JOIN LATERAL leads_account_at(a_now, %(as_of)s::timestamptz, %(known_at)s::timestamptz) a
         ON a_now.id IS NOT NULL
 CROSS JOIN LATERAL (
       SELECT array_agg(t.key ORDER BY g.occurred_at) AS types,
              array_agg(g.occurred_at ORDER BY g.occurred_at) AS moments
         FROM leads_signal g JOIN leads_signaltype t ON t.id = g.type_id
        WHERE g.lead_id = ANY (ARRAY (
                  SELECT l.id UNION ALL
                  SELECT m.absorbed_id FROM leads_merge m
                   WHERE m.kept_id = l.id
                     AND m.merged_at <= LEAST(%(as_of)s::timestamptz, %(known_at)s::timestamptz)
                     AND (m.undone_at IS NULL OR m.undone_at > %(known_at)s::timestamptz)))
          AND t.key = ANY (%(types)s::text[])
          AND (g.received_at <= %(known_at)s::timestamptz OR %(known_at)s::timestamptz IS NULL)
          AND (g.retracted_at > %(known_at)s::timestamptz OR g.retracted_at IS NULL)
       ) g
 WHERE l_now.id = %(lead)s::bigint
"""


def known_of(lead_id: int, spec: Spec, as_of: datetime, known_at: datetime | None = None) -> Known:
    """What a version can see of a lead. One query. Raises Lead.DoesNotExist."""
    with prepared_cursor() as cursor:
        cursor.execute(_QUERY, {"lead": lead_id, "types": _types(spec), "as_of": as_of, "known_at": known_at})
        row = cursor.fetchone()
    if row is None:
        raise Lead.DoesNotExist(f"There is no lead {lead_id}.")
    created_at, of_account, of_person, types, moments = row
    values = json.loads(of_account or "{}") | json.loads(of_person)
    signals: dict[str, list[datetime]] = {}
    for key, moment in zip(types or (), moments or (), strict=True):
        signals.setdefault(key, []).append(moment)
    return Known(as_of, created_at, values, signals)


@lru_cache(maxsize=64)
def _types(spec: Spec) -> list[str]:
    """The signal types that say something about one of the version's rules."""
    types = set(STATE_TYPES)
    for rule in spec.enabled_rules:
        if not isinstance(rule.condition, AttributeCondition):
            types |= set(rule.condition.types)
    return sorted(types)
