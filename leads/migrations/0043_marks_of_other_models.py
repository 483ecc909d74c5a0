"""Lets going over to another model (512) start no clock by itself, as time and another version."""

from django.db import migrations

MARKS = """
CREATE OR REPLACE FUNCTION leads_scorechange_marks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO leads_responsemark (lead_id)
    SELECT lead_id FROM new_changes WHERE cause & ~(64 | 128 | 512) <> 0 AND cause & 128 = 0;
    RETURN NULL;
END $$;
"""
UNDO = MARKS.replace(" | 512", "")


class Migration(migrations.Migration):
    dependencies = [("leads", "0042_file_imports")]
    operations = [migrations.RunSQL(MARKS, UNDO)]
