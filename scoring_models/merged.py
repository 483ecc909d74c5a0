"""The score that a lead would have if it absorbed another now.

The engine's statement is run as it is. Common table expressions take the names of the tables that it reads,
and PostgreSQL looks there first; in them stands what the merge would write. So nothing is written, locked or
marked for it, and what is shown is what the merge will bring.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection

from leads.scorer import MergedScore, Merging
from leadscoring.errors import DomainError
from scoring_models.catalogue import load_catalogue
from scoring_models.engine.catalogue import CannotCompile
from scoring_models.engine.compile import compile_scores
from scoring_models.engine.subjects import Subjects, View
from scoring_models.live import live_versions
from scoring_models.scales import band_of
from scoring_models.spec import Spec
from scoring_models.turns import Audiences, in_turn

_MERGED = """
WITH merged_lead AS MATERIALIZED (
    SELECT x.* FROM leads_lead l CROSS JOIN LATERAL jsonb_populate_record(l, %(row)s::jsonb) x
     WHERE l.id = %(kept)s
), merged_others AS MATERIALIZED (
    SELECT o.* FROM leads_lead o
     WHERE o.id <> %(kept)s AND o.account_id = (SELECT account_id FROM merged_lead)
), merged AS MATERIALIZED (
    SELECT id, kept_id, absorbed_id, merged_at, undone_at FROM leads_merge
     WHERE undone_at IS NULL AND kept_id IN (SELECT %(kept)s UNION ALL SELECT id FROM merged_others)
    UNION ALL
    SELECT 0, %(kept)s, absorbed, %(as_of)s::timestamptz, NULL FROM unnest(%(absorbed)s::bigint[]) absorbed
), merged_values AS MATERIALIZED (
    SELECT lead_id, key, since, recorded_at, retracted_at FROM leads_datedvalue WHERE lead_id = %(kept)s
    UNION ALL
    SELECT %(kept)s, key, %(as_of)s::timestamptz, %(as_of)s::timestamptz, NULL
      FROM unnest(%(keys)s::text[]) key
), leads_lead AS (
    SELECT * FROM merged_lead UNION ALL SELECT * FROM merged_others
), leads_merge AS (
    SELECT * FROM merged
), leads_datedvalue AS (
    SELECT * FROM merged_values
)
SELECT engagement, fit, total, band FROM ({sql}) e
"""


def merged_score(merging: Merging, *, as_of: datetime) -> MergedScore | None:
    """What the live versions would say of the lead; None where none would score it."""
    versions = live_versions(at=as_of)
    turns = in_turn(tuple((version.pk, version.digest) for version in versions))
    asked = (score_of(turn.spec, merging, as_of=as_of, earlier=turn.earlier) for turn in turns)
    return next((score for score in asked if score is not None), None)


def score_of(spec: Spec, merging: Merging, *, as_of: datetime, earlier: Audiences = ()) -> MergedScore | None:
    """What a version would say of the lead; None where it would not score it."""
    catalogue = replace(load_catalogue(), merges=True)
    try:
        statement = compile_scores(spec, catalogue, Subjects.IDS, View.NOW, earlier)
    except CannotCompile as error:
        raise DomainError("cannot_compute", str(error)) from error
    given: dict[str, Any] = {
        **{"kept": merging.kept_id, "absorbed": list(merging.absorbed_ids), "row": merging.row},
        **{"keys": list(merging.keys), "lead_ids": [merging.kept_id], "as_of": as_of},
    }
    with connection.cursor() as cursor:
        cursor.execute(_MERGED.format(sql=statement.sql), {**statement.parameters, **given})
        found = cursor.fetchone()
    if found is None:
        return None
    engagement, fit, total, rank = found
    return MergedScore(engagement, fit, total, band_of(spec, rank))
