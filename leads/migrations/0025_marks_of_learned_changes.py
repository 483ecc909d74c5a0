"""Marks leads whose score something learned has changed, since a rise starts a response clock."""

from django.db import migrations

# Neither time (64) nor another version (128) starts a clock: a run over all leads leaves no mark.
MARKS = """
CREATE FUNCTION leads_scorechange_marks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_responsemark (lead_id)
    SELECT lead_id FROM new_changes WHERE cause & ~(64 | 128) <> 0 AND cause & 128 = 0;
    RETURN NULL;
END $$;
CREATE TRIGGER leads_scorechange_marks AFTER INSERT ON leads_scorechange
    REFERENCING NEW TABLE AS new_changes FOR EACH STATEMENT EXECUTE FUNCTION leads_scorechange_marks();
INSERT INTO leads_responsemark (lead_id) SELECT lead_id FROM leads_scorechange GROUP BY lead_id;
"""
UNDO = """
DROP TRIGGER leads_scorechange_marks ON leads_scorechange;
DROP FUNCTION leads_scorechange_marks;
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0024_duplicates")]
    operations = [migrations.RunSQL(MARKS, UNDO)]
