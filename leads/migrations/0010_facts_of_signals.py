"""What signals say, in the form in which rules compare it, beside what was given."""

from django.db import migrations, models

from leads.ingestion.chunks import chunks
from leads.ingestion.property_facts import facts_json

A_BATCH = 5_000
# Who belonged to an account at some time.
MEMBERS = "CREATE INDEX leads_value_members ON leads_datedvalue (value) WHERE key = '@account'"


def write_facts(apps, schema_editor):
    for name in ("SignalDetail", "WaitingSignal"):
        model = apps.get_model("leads", name)
        said = model.objects.exclude(properties={}).values_list("pk", "properties")
        for batch in chunks(said.iterator(A_BATCH), A_BATCH):
            _update(schema_editor, model, [(pk, facts_json(properties)) for pk, properties in batch])


def _update(schema_editor, model, rows):
    kind = "uuid" if model.__name__ == "SignalDetail" else "bigint"
    keys, facts = zip(*rows, strict=True)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} t SET facts = i.facts"
            f" FROM unnest(%s::{kind}[], %s::jsonb[]) AS i(id, facts) WHERE t.{model._meta.pk.column} = i.id",
            [list(keys), list(facts)],
        )


class Migration(migrations.Migration):
    dependencies = [("leads", "0009_remember_values")]
    operations = [
        migrations.AddField("signaldetail", "facts", models.JSONField(null=True)),
        migrations.AddField("waitingsignal", "facts", models.JSONField(null=True)),
        migrations.RunSQL(MEMBERS, "DROP INDEX leads_value_members"),
        migrations.RunPython(write_facts, migrations.RunPython.noop),
    ]
