"""Marks leads that are in one of the two top bands after a change, unless another version brought it about."""

from django.db import migrations

MARKS = """
CREATE FUNCTION leads_scorechange_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_risemark (lead_id, at, version_id, band)
    SELECT lead_id, at, version_id, band FROM new_changes WHERE band >= -2 AND cause & 128 = 0;
    RETURN NULL;
END $$;
CREATE TRIGGER leads_scorechange_rises AFTER INSERT ON leads_scorechange
    REFERENCING NEW TABLE AS new_changes FOR EACH STATEMENT EXECUTE FUNCTION leads_scorechange_rises();
"""
UNDO = """
DROP TRIGGER leads_scorechange_rises ON leads_scorechange;
DROP FUNCTION leads_scorechange_rises;
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0032_notices")]
    operations = [migrations.RunSQL(MARKS, UNDO)]
