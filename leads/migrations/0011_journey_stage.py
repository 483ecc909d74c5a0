"""The derived attribute that says how far somebody has come."""

from django.db import migrations, models


def add(apps, schema_editor):
    apps.get_model("leads", "Attribute").objects.create(
        key="journey_stage",
        label="Journey stage",
        kind="choice",
        entity="lead",
        choices=["awareness", "consideration", "decision"],
        standard=True,
        derived=True,
    )


class Migration(migrations.Migration):
    dependencies = [("leads", "0010_facts_of_signals")]
    operations = [
        migrations.AlterField(
            model_name="attribute",
            name="derived",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Computed from signals, unless a person says otherwise later.",
            ),
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
