"""What keeps the history of assignments, and marks leads whose response clocks may have started or ended."""

from django.db import migrations

# What a lead's owner did that reaches the lead. A verb that isn't here is none.
TOUCH = """
CREATE FUNCTION leads_is_touch(verb text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT verb IN ('no_answer', 'conversation', 'meeting', 'outcome') $$;
"""

ASSIGNED = """
CREATE FUNCTION leads_assignment_at() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT COALESCE(NULLIF(current_setting('leads.at', true), '')::timestamptz, clock_timestamp()) $$;
CREATE FUNCTION leads_assignment_by() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT NULLIF(current_setting('leadscoring.actor', true), '')::bigint $$;

CREATE FUNCTION leads_lead_arrived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_assignment (lead_id, team_id, owner_id, since, by_id, why)
    SELECT id, team_id, owner_id, leads_assignment_at(), leads_assignment_by(), 'arrived' FROM new_leads
     WHERE team_id IS NOT NULL OR owner_id IS NOT NULL;
    INSERT INTO leads_responsemark (lead_id) SELECT id FROM new_leads WHERE owner_id IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER leads_lead_arrived AFTER INSERT ON leads_lead
    REFERENCING NEW TABLE AS new_leads FOR EACH STATEMENT EXECUTE FUNCTION leads_lead_arrived();

CREATE FUNCTION leads_lead_reassigned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_assignment (lead_id, team_id, owner_id, since, by_id, why)
    SELECT n.id, n.team_id, n.owner_id, leads_assignment_at(), leads_assignment_by(),
           COALESCE(current_setting('leads.assigning', true), '')
      FROM new_leads n JOIN old_leads o USING (id)
     WHERE (n.team_id, n.owner_id) IS DISTINCT FROM (o.team_id, o.owner_id);
    UPDATE leads_response r SET team_id = COALESCE(n.team_id, 0), owner_id = COALESCE(n.owner_id, 0)
      FROM new_leads n JOIN old_leads o USING (id)
     WHERE r.lead_id = n.id AND (n.team_id, n.owner_id) IS DISTINCT FROM (o.team_id, o.owner_id);
    DELETE FROM leads_response r USING new_leads n WHERE r.lead_id = n.id AND NOT n.is_open;
    INSERT INTO leads_responsemark (lead_id) SELECT n.id FROM new_leads n JOIN old_leads o USING (id)
     WHERE (n.team_id, n.owner_id, n.is_open) IS DISTINCT FROM (o.team_id, o.owner_id, o.is_open);
    RETURN NULL;
END $$;
CREATE TRIGGER leads_lead_reassigned AFTER UPDATE ON leads_lead
    REFERENCING OLD TABLE AS old_leads NEW TABLE AS new_leads
    FOR EACH STATEMENT EXECUTE FUNCTION leads_lead_reassigned();
"""

# A clock that a person stops is seen to stand at once; everything else is for the worker.
ANSWERED = """
CREATE FUNCTION leads_activity_marks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leads_response r USING new_activities a
     WHERE r.lead_id = a.lead_id AND leads_is_touch(a.verb) AND a.undone_at IS NULL;
    INSERT INTO leads_responsemark (lead_id) SELECT lead_id FROM new_activities WHERE leads_is_touch(verb);
    RETURN NULL;
END $$;
CREATE TRIGGER leads_activity_marks AFTER INSERT ON leads_activity
    REFERENCING NEW TABLE AS new_activities FOR EACH STATEMENT EXECUTE FUNCTION leads_activity_marks();
CREATE TRIGGER leads_activity_marks_again AFTER UPDATE ON leads_activity
    REFERENCING NEW TABLE AS new_activities FOR EACH STATEMENT EXECUTE FUNCTION leads_activity_marks();
"""

SIGNALLED = """
CREATE FUNCTION leads_signal_marks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_responsemark (lead_id)
    SELECT DISTINCT s.lead_id FROM new_signals s JOIN leads_signaltype t ON t.id = s.type_id
     WHERE t.signal_class = 'intent';
    RETURN NULL;
END $$;
CREATE TRIGGER leads_signal_marks AFTER INSERT ON leads_signal
    REFERENCING NEW TABLE AS new_signals FOR EACH STATEMENT EXECUTE FUNCTION leads_signal_marks();
CREATE TRIGGER leads_signal_marks_again AFTER UPDATE ON leads_signal
    REFERENCING NEW TABLE AS new_signals FOR EACH STATEMENT EXECUTE FUNCTION leads_signal_marks();
"""

# Who is erased is erased with all that was kept about them.
ERASED = """
ALTER TABLE leads_assignment ADD FOREIGN KEY (lead_id) REFERENCES leads_lead ON DELETE CASCADE;
ALTER TABLE leads_response ADD FOREIGN KEY (lead_id) REFERENCES leads_lead ON DELETE CASCADE;
"""

# Who had what before anybody kept it had it, as far as is known, since it came.
BEFORE = """
INSERT INTO leads_assignment (lead_id, team_id, owner_id, since, why)
SELECT id, team_id, owner_id, recorded_at, 'arrived' FROM leads_lead
 WHERE team_id IS NOT NULL OR owner_id IS NOT NULL;
INSERT INTO leads_responsebasis ("only", digest) VALUES (true, '');
INSERT INTO leads_responsemark (lead_id) SELECT id FROM leads_lead WHERE is_open;
"""

UNDO = """
DROP TRIGGER leads_signal_marks ON leads_signal;
DROP TRIGGER leads_signal_marks_again ON leads_signal;
DROP TRIGGER leads_activity_marks ON leads_activity;
DROP TRIGGER leads_activity_marks_again ON leads_activity;
DROP TRIGGER leads_lead_arrived ON leads_lead;
DROP TRIGGER leads_lead_reassigned ON leads_lead;
DROP FUNCTION leads_signal_marks;
DROP FUNCTION leads_activity_marks;
DROP FUNCTION leads_lead_arrived;
DROP FUNCTION leads_lead_reassigned;
DROP FUNCTION leads_assignment_at;
DROP FUNCTION leads_assignment_by;
DROP FUNCTION leads_is_touch;
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0014_response_clocks")]
    operations = [
        migrations.RunSQL(ERASED, migrations.RunSQL.noop),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
        migrations.RunSQL("".join((TOUCH, ASSIGNED, ANSWERED, SIGNALLED)), UNDO),
    ]
