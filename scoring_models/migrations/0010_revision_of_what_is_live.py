"""A name for what is live, planned ones included, and in which order models are asked.

As with the vocabulary: random, so that two states never share one, whatever is rolled back. Whoever found out
what is live need look for nothing else until the next moment at which something begins or ends.
"""

from django.db import migrations

REVISION = """
CREATE TABLE scoring_models_live (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    revision uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO scoring_models_live DEFAULT VALUES;

CREATE FUNCTION scoring_models_live_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE scoring_models_live SET revision = gen_random_uuid();
    RETURN NULL;
END $$;
CREATE TRIGGER live_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON scoring_models_activation
    FOR EACH STATEMENT EXECUTE FUNCTION scoring_models_live_changes();
CREATE TRIGGER live_changes AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON scoring_models_arrangement
    FOR EACH STATEMENT EXECUTE FUNCTION scoring_models_live_changes();
CREATE TRIGGER live_changes AFTER UPDATE OF position OR DELETE OR TRUNCATE ON scoring_models_scoringmodel
    FOR EACH STATEMENT EXECUTE FUNCTION scoring_models_live_changes();
"""


class Migration(migrations.Migration):
    dependencies = [("scoring_models", "0009_order_of_models")]
    operations = [
        migrations.RunSQL(
            REVISION,
            "DROP FUNCTION scoring_models_live_changes CASCADE; DROP TABLE scoring_models_live",
        )
    ]
