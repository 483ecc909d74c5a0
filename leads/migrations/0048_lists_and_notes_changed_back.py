"""What people do to saved views and segments is kept, and what a note said before it was changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0047_owners_of_anonymous_ids"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ListChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "of",
                    models.CharField(choices=[("view", "saved view"), ("segment", "segment")], max_length=10),
                ),
                ("list_id", models.BigIntegerField()),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("saved", "saved"),
                            ("changed", "renamed or shared"),
                            ("replaced", "given other filters"),
                            ("deleted", "deleted"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["actor", "-at"], name="leads_list_change_by")]},
        ),
        migrations.AlterField(
            model_name="activity",
            name="verb",
            field=models.CharField(
                choices=[
                    ("claimed", "Claimed"),
                    ("released", "Released"),
                    ("extended", "kept it for longer"),
                    ("skipped", "skipped"),
                    ("snoozed", "snoozed"),
                    ("woken", "ended a snooze"),
                    ("no_answer", "called, no answer"),
                    ("conversation", "had a conversation"),
                    ("meeting", "booked a meeting"),
                    ("outcome", "closed"),
                    ("signal", "logged a signal"),
                    ("override", "overrode the score"),
                    ("override_ended", "ended an override"),
                    ("accepted", "accepted the lead"),
                    ("returned", "returned the lead to marketing"),
                    ("handed_over", "handed the lead over to sales"),
                    ("objected", "noted an objection to being scored"),
                    ("objection_withdrawn", "withdrew an objection"),
                    ("override_kept", "saw an override and kept it"),
                    ("reassigned", "gave the lead to somebody else"),
                    ("merged", "merged it with a duplicate"),
                    ("value", "set a value"),
                    ("note", "noted"),
                    ("note_changed", "changed a note that said"),
                ],
                max_length=20,
            ),
        ),
    ]
