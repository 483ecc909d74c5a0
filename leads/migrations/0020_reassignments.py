"""Leads given to other people, many in one act."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0019_overdue_responses"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                    ("override_kept", "saw an override and kept it"),
                    ("reassigned", "gave the lead to somebody else"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Reassignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("people", "To people, in turn"),
                            ("routing", "To the reps of each lead's team, in turn"),
                            ("nobody", "To nobody: any rep of the team may take them"),
                        ],
                        max_length=10,
                    ),
                ),
                ("leads", models.PositiveIntegerField(help_text="How many changed hands.")),
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
                (
                    "book_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReassignedLead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("from_team_id", models.BigIntegerField(null=True)),
                ("from_owner_id", models.BigIntegerField(null=True)),
                ("to_team_id", models.BigIntegerField(null=True)),
                ("to_owner_id", models.BigIntegerField(null=True)),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="leads.lead"
                    ),
                ),
                (
                    "reassignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves",
                        to="leads.reassignment",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="activity",
            name="reassignment",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="leads.reassignment",
            ),
        ),
        migrations.AddIndex(
            model_name="reassignment",
            index=models.Index(fields=["-at"], name="leads_reassignment_latest"),
        ),
        migrations.AddConstraint(
            model_name="reassignedlead",
            constraint=models.UniqueConstraint(
                fields=("reassignment", "lead"), name="leads_reassigned_once_an_act"
            ),
        ),
    ]
