"""Hits of drafts: what can be counted again, in tables without a log that a crash of the server empties."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# Rows go with what they belong to. The sets first: a table without a log may only be referred to by such.
UNLOGGED = """
ALTER TABLE scoring_models_hitset SET UNLOGGED;
ALTER TABLE scoring_models_hits SET UNLOGGED;
ALTER TABLE scoring_models_hits ADD CONSTRAINT scoring_hits_of_version
    FOREIGN KEY (version_id) REFERENCES scoring_models_modelversion ON DELETE CASCADE;
ALTER TABLE scoring_models_hitset ADD CONSTRAINT scoring_set_of_hits
    FOREIGN KEY (hits_id) REFERENCES scoring_models_hits ON DELETE CASCADE;
"""
UNDO = """
ALTER TABLE scoring_models_hitset DROP CONSTRAINT scoring_set_of_hits;
ALTER TABLE scoring_models_hits DROP CONSTRAINT scoring_hits_of_version;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("scoring_models", "0005_evidence"),
    ]

    operations = [
        migrations.CreateModel(
            name="Hits",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rules", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("as_of", models.DateTimeField()),
                ("next_lead", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("leads", models.BigIntegerField(default=0)),
                (
                    "fired",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="hits",
                        to="scoring_models.modelversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HitSet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "units",
                    django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None),
                ),
                ("leads", models.BigIntegerField()),
                (
                    "hits",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="sets",
                        to="scoring_models.hits",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="hits",
            constraint=models.UniqueConstraint(
                condition=models.Q(("finished_at", None)),
                fields=("version", "digest"),
                name="scoring_hits_counted_once",
            ),
        ),
        migrations.RunSQL(UNLOGGED, UNDO),
    ]
