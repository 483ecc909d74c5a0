"""Scores follow snoozes again, planned anew at each run: 0021 said so of the columns before 0018 alone."""

from django.db import migrations

COLUMNS = ("team_id", "owner_id", "is_open", "snoozed_at", "snoozed_until")


def of(row):
    return "(" + ", ".join(f"{row}.{column}" for column in COLUMNS) + ")"


FOLLOW = f"""
CREATE OR REPLACE FUNCTION leads_score_follows_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $sql$
    UPDATE leads_score s
       SET ({", ".join(COLUMNS)}) = ROW {of("n")}
      FROM new_leads n
     WHERE s.lead_id = n.id AND {of("s")} IS DISTINCT FROM {of("n")} $sql$;
    -- A first score may be on its way with what the lead was before: it has no row to find here yet.
    EXECUTE $sql$
    INSERT INTO leads_stale (lead_id)
    SELECT n.id FROM new_leads n JOIN old_leads o USING (id)
     WHERE {of("n")} IS DISTINCT FROM {of("o")}
       AND NOT EXISTS (SELECT FROM leads_score s WHERE s.lead_id = n.id) $sql$;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0026_values_by_hand")]
    operations = [migrations.RunSQL(FOLLOW, migrations.RunSQL.noop)]
