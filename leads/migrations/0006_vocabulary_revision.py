"""A name for what attributes and signal types are now, so that nobody need read them to know they are the same.

It is random: two states of them never share one, whatever is rolled back. Compiled statements hang on it.
"""

from django.db import migrations

REVISION = """
CREATE TABLE leads_vocabulary (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    revision uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO leads_vocabulary DEFAULT VALUES;

CREATE FUNCTION leads_vocabulary_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leads_vocabulary SET revision = gen_random_uuid();
    RETURN NULL;
END $$;
CREATE TRIGGER vocabulary_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON leads_attribute
    FOR EACH STATEMENT EXECUTE FUNCTION leads_vocabulary_changes();
CREATE TRIGGER vocabulary_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON leads_signaltype
    FOR EACH STATEMENT EXECUTE FUNCTION leads_vocabulary_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0005_retractions")]
    operations = [
        migrations.RunSQL(
            REVISION,
            "DROP FUNCTION leads_vocabulary_changes CASCADE; DROP TABLE leads_vocabulary",
        )
    ]
