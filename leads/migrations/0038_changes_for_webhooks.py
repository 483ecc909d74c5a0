"""Marks changes of scores for the programs that want to know, unless a version alone brought them about.

Nothing is looked up where no endpoint asked for it. The score's row has been written by the same statement as
the history, so what it says of rules is of that very moment.
"""

from django.db import migrations

MARKS = """
CREATE FUNCTION leads_scorechange_for_webhooks() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wants_bands boolean;
    smallest integer;
BEGIN
    SELECT bool_or('lead.band_changed' = ANY (events)),
           min(threshold) FILTER (WHERE 'lead.score_changed' = ANY (events))
      INTO wants_bands, smallest FROM hooks_endpoint WHERE is_on;
    IF wants_bands IS NOT TRUE AND smallest IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO leads_webhookmark (sequence, kind, lead_id, at, cause, version_id, total, engagement, fit, band,
                                   due_at, hits, counts, weights,
                                   previous_total, previous_band, previous_version_id)
    SELECT nextval('hooks_sequence'), k.kind, c.lead_id, c.at, c.cause, c.version_id, c.total, c.engagement,
           c.fit, c.band, s.due_at, s.hits, s.counts, s.weights, p.total, p.band, p.version_id
      FROM new_changes c
      LEFT JOIN leads_score s ON s.lead_id = c.lead_id AND s.scored_at = c.at
      LEFT JOIN LATERAL (
          SELECT o.total, o.band, o.version_id FROM leads_scorechange o
           WHERE o.lead_id = c.lead_id AND o.at < c.at ORDER BY o.at DESC LIMIT 1) p ON true
     CROSS JOIN LATERAL (VALUES
          ('lead.band_changed', wants_bands AND c.band IS DISTINCT FROM p.band),
          ('lead.score_changed', abs(c.total - COALESCE(p.total, 0)) >= smallest)) AS k (kind, holds)
     WHERE k.holds AND (c.cause & 128 = 0 OR c.cause & 63 <> 0);
    RETURN NULL;
END $$;
CREATE TRIGGER leads_scorechange_for_webhooks AFTER INSERT ON leads_scorechange
    REFERENCING NEW TABLE AS new_changes FOR EACH STATEMENT EXECUTE FUNCTION leads_scorechange_for_webhooks();
"""
UNDO = """
DROP TRIGGER leads_scorechange_for_webhooks ON leads_scorechange;
DROP FUNCTION leads_scorechange_for_webhooks;
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0037_webhook_marks"), ("hooks", "0001_endpoints_and_messages")]
    operations = [migrations.RunSQL(MARKS, UNDO)]
