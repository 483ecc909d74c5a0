"""Anonymous ids belong to somebody since a moment. What was known of them without one held from the beginning."""

from django.db import migrations, models

DATED = """
INSERT INTO leads_intakebelonging (name, means, at, message_id, identifies)
SELECT name, means, '0001-01-01Z', '', true FROM leads_intakealias WHERE name LIKE 'anonymous\\_id:%';
DELETE FROM leads_intakealias WHERE name LIKE 'anonymous\\_id:%'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0046_overrides_know_whose_lead"),
    ]

    operations = [
        migrations.CreateModel(
            name="IntakeAttached",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField(db_index=True)),
                ("means", models.TextField()),
                ("at", models.DateTimeField()),
                ("form", models.CharField(max_length=20)),
                ("source", models.TextField()),
                ("message_id", models.TextField()),
                ("raw", models.TextField()),
                ("received_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="IntakeBelonging",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField()),
                ("at", models.DateTimeField()),
                ("message_id", models.TextField()),
                ("means", models.TextField()),
                ("identifies", models.BooleanField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name", "at", "message_id"), name="leads_intake_said_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(DATED, migrations.RunSQL.noop),
    ]
