"""Journey stages of leads in lists: what they are called, and the SQL that finds them.

`leads.standing.stage_of` says the same of one lead: what a person set last, else the furthest stage of the
last 90 days. Signals of absorbed leads are those of the lead that has them now.
"""

from django.utils.translation import gettext as _

from leads.models import Stage

NO_STAGE = "none"

# The furthest stage that signals tell of, and when the latest of those was.
_TOLD = """
           max(g.occurred_at) AS latest,
           CASE max(CASE t.stage WHEN 'decision' THEN 3 WHEN 'consideration' THEN 2 ELSE 1 END)
                WHEN 3 THEN 'decision' WHEN 2 THEN 'consideration' WHEN 1 THEN 'awareness' END AS stage
      FROM leads_signal g
      JOIN leads_signaltype t ON t.id = g.type_id AND t.stage <> ''"""
_RECENT = """
           g.retracted_at IS NULL AND g.occurred_at <= %(now)s
       AND g.occurred_at > %(now)s - interval '90 days'"""
# Of all leads at once, to be joined to the lead `l` as `seen`.
SEEN = f"""
LEFT JOIN (
    SELECT COALESCE(m.kept_id, g.lead_id) AS lead_id, {_TOLD}
      LEFT JOIN leads_merge m ON m.absorbed_id = g.lead_id AND m.undone_at IS NULL
     WHERE {_RECENT}
     GROUP BY 1
) seen ON seen.lead_id = l.id"""
_SEEN_OF_ONE = f"""(
    SELECT {_TOLD}
     WHERE g.lead_id = ANY (ARRAY(SELECT l.id UNION ALL
           SELECT m.absorbed_id FROM leads_merge m WHERE m.kept_id = l.id AND m.undone_at IS NULL))
       AND {_RECENT}
) seen"""
_BY_HAND = "(l.facts ->> 'journey_stage')"
_SET_AT = (
    "(SELECT max(v.since) FROM leads_datedvalue v WHERE v.lead_id = l.id AND v.key = 'journey_stage'"
    " AND v.retracted_at IS NULL AND v.since <= %(now)s)"
)
# The stage of the lead `l`, of which `seen` is joined.
STAGE = (
    f"CASE WHEN {_BY_HAND} IS NOT NULL AND (seen.latest IS NULL OR {_SET_AT} > seen.latest) THEN {_BY_HAND}"
    f" ELSE COALESCE(seen.stage, '{NO_STAGE}') END"
)
# The stage of a single lead `l`, for lists that look at one after the other until a page is full.
STAGE_OF_ONE = f"(SELECT {STAGE} FROM {_SEEN_OF_ONE})"


def stage_choices() -> dict[str, str]:
    """What a stage can be, the furthest first, as pages call it."""
    furthest = (Stage.DECISION, Stage.CONSIDERATION, Stage.AWARENESS)
    return {**{stage.value: str(stage.label) for stage in furthest}, NO_STAGE: _("none")}
