"""Retractions as rows that know when they came, and an index of the signals that they took back."""

from django.db import migrations, models

# Of those that came before their signal nobody knows when; they took nothing back.
KNOWN_SO_FAR = """
INSERT INTO leads_retraction (key, received_at)
SELECT key, retracted_at FROM leads_signal WHERE retracted_at IS NOT NULL
UNION ALL
SELECT key, now() FROM leads_signalkey WHERE content = 0
ON CONFLICT DO NOTHING;
"""
# Past moments are scored with what was taken back only later; these are few beside the others.
RETRACTED = """
CREATE INDEX leads_signal_retracted ON leads_signal (lead_id) WHERE retracted_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0004_standard_attributes_and_signal_types")]
    operations = [
        migrations.CreateModel(
            name="Retraction",
            fields=[
                ("key", models.UUIDField(primary_key=True, serialize=False)),
                ("received_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(KNOWN_SO_FAR, migrations.RunSQL.noop),
        migrations.RunSQL(RETRACTED, "DROP INDEX leads_signal_retracted"),
    ]
