"""A score row carries its lead's team, owner and openness, so that the queue is one index scan."""

from django.db import migrations

FOLLOW = """
CREATE FUNCTION leads_score_follows_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leads_score s
       SET team_id = n.team_id, owner_id = n.owner_id, is_open = n.is_open
      FROM new_leads n
     WHERE s.lead_id = n.id
       AND (s.team_id, s.owner_id, s.is_open) IS DISTINCT FROM (n.team_id, n.owner_id, n.is_open);
    -- A first score may be on its way with what the lead was before: it has no row to find here yet.
    INSERT INTO leads_stale (lead_id)
    SELECT n.id FROM new_leads n JOIN old_leads o USING (id)
     WHERE (n.team_id, n.owner_id, n.is_open) IS DISTINCT FROM (o.team_id, o.owner_id, o.is_open)
       AND NOT EXISTS (SELECT FROM leads_score s WHERE s.lead_id = n.id);
    RETURN NULL;
END $$;
CREATE TRIGGER leads_score_follows_lead AFTER UPDATE ON leads_lead
    REFERENCING OLD TABLE AS old_leads NEW TABLE AS new_leads
    FOR EACH STATEMENT EXECUTE FUNCTION leads_score_follows_lead();
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0002_signal_table")]
    operations = [
        migrations.RunSQL(
            FOLLOW,
            "DROP TRIGGER leads_score_follows_lead ON leads_lead; DROP FUNCTION leads_score_follows_lead",
        )
    ]
