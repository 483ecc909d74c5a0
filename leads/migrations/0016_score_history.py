"""History of scores, what the last evaluation changed, and why marks were made."""

from django.db import migrations, models

# Who is erased is erased with all that they were, though the app's role can't delete history.
ERASE = """
CREATE FUNCTION leads_scorechange_erase() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM leads_scorechange c USING gone g WHERE c.lead_id = g.id;
    RETURN NULL;
END $$;
CREATE TRIGGER leads_scorechange_erase AFTER DELETE ON leads_lead
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION leads_scorechange_erase();
"""
KEEP = """
DROP TRIGGER leads_scorechange_erase ON leads_lead;
DROP FUNCTION leads_scorechange_erase;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0015_response_marks"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScoreChange",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "lead_id", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("lead_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("version_id", models.IntegerField()),
                ("total", models.IntegerField()),
                ("engagement", models.IntegerField()),
                ("fit", models.IntegerField()),
                ("band", models.SmallIntegerField()),
                ("cause", models.SmallIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="score",
            name="changed",
            field=models.SmallIntegerField(db_default=0),
        ),
        migrations.AddField(
            model_name="stale",
            name="cause",
            field=models.SmallIntegerField(db_default=0, help_text="What was learned: bits of Cause."),
        ),
        migrations.RunSQL(ERASE, KEEP),
    ]
