"""What follows a change of leads stays quick when many change in one statement.

The database estimates how many rows a statement changed once a session, at its first run, and keeps to the
plan: made for one lead it joins row by row, and 20,000 leads that change hands took four minutes instead of
a second. So what joins the old and the new rows with other tables is planned anew at each run (EXECUTE), and
what joins them with each other alone never does it row by row.
"""

from django.db import migrations

FOLLOW = """
CREATE OR REPLACE FUNCTION leads_score_follows_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $sql$
    UPDATE leads_score s
       SET team_id = n.team_id, owner_id = n.owner_id, is_open = n.is_open
      FROM new_leads n
     WHERE s.lead_id = n.id
       AND (s.team_id, s.owner_id, s.is_open) IS DISTINCT FROM (n.team_id, n.owner_id, n.is_open) $sql$;
    -- A first score may be on its way with what the lead was before: it has no row to find here yet.
    EXECUTE $sql$
    INSERT INTO leads_stale (lead_id)
    SELECT n.id FROM new_leads n JOIN old_leads o USING (id)
     WHERE (n.team_id, n.owner_id, n.is_open) IS DISTINCT FROM (o.team_id, o.owner_id, o.is_open)
       AND NOT EXISTS (SELECT FROM leads_score s WHERE s.lead_id = n.id) $sql$;
    RETURN NULL;
END $$;
"""
REASSIGNED = """
CREATE OR REPLACE FUNCTION leads_lead_reassigned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $sql$
    INSERT INTO leads_assignment (lead_id, team_id, owner_id, since, by_id, why)
    SELECT n.id, n.team_id, n.owner_id, leads_assignment_at(), leads_assignment_by(),
           COALESCE(current_setting('leads.assigning', true), '')
      FROM new_leads n JOIN old_leads o USING (id)
     WHERE (n.team_id, n.owner_id) IS DISTINCT FROM (o.team_id, o.owner_id) $sql$;
    EXECUTE $sql$
    UPDATE leads_response r SET team_id = COALESCE(n.team_id, 0), owner_id = COALESCE(n.owner_id, 0)
      FROM new_leads n JOIN old_leads o USING (id)
     WHERE r.lead_id = n.id AND (n.team_id, n.owner_id) IS DISTINCT FROM (o.team_id, o.owner_id) $sql$;
    EXECUTE $sql$
    DELETE FROM leads_response r USING new_leads n WHERE r.lead_id = n.id AND NOT n.is_open $sql$;
    EXECUTE $sql$
    INSERT INTO leads_responsemark (lead_id) SELECT n.id FROM new_leads n JOIN old_leads o USING (id)
     WHERE (n.team_id, n.owner_id, n.is_open) IS DISTINCT FROM (o.team_id, o.owner_id, o.is_open) $sql$;
    RETURN NULL;
END $$;
"""


def as_before(function):
    return function.replace("EXECUTE $sql$\n", "").replace(" $sql$", "")


REMEMBER = ("leads_lead_remember", "leads_account_remember")


class Migration(migrations.Migration):
    dependencies = [("leads", "0020_reassignments")]
    operations = [
        *(migrations.RunSQL(function, as_before(function)) for function in (FOLLOW, REASSIGNED)),
        *(
            migrations.RunSQL(
                f"ALTER FUNCTION {function}() SET enable_nestloop = off",
                f"ALTER FUNCTION {function}() RESET enable_nestloop",
            )
            for function in REMEMBER
        ),
    ]
