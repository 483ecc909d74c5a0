"""Leads that one person skips, or that nobody works until a moment; a score row carries the moment."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

BEFORE = ("team_id", "owner_id", "is_open")
COPIES = (*BEFORE, "snoozed_at", "snoozed_until")


def follow(columns):
    """What keeps a score's copies of its lead in step."""

    def of(alias):
        return "(" + ", ".join(f"{alias}.{column}" for column in columns) + ")"

    return f"""
CREATE OR REPLACE FUNCTION leads_score_follows_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE leads_score s
       SET ({", ".join(columns)}) = ROW {of("n")}
      FROM new_leads n
     WHERE s.lead_id = n.id AND {of("s")} IS DISTINCT FROM {of("n")};
    -- A first score may be on its way with what the lead was before: it has no row to find here yet.
    INSERT INTO leads_stale (lead_id)
    SELECT n.id FROM new_leads n JOIN old_leads o USING (id)
     WHERE {of("n")} IS DISTINCT FROM {of("o")}
       AND NOT EXISTS (SELECT FROM leads_score s WHERE s.lead_id = n.id);
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0017_names_that_begin_with"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="before",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="lead",
            name="snoozed_at",
            field=models.DateTimeField(help_text="When it was last snoozed.", null=True),
        ),
        migrations.AddField(
            model_name="lead",
            name="snoozed_until",
            field=models.DateTimeField(
                help_text="Out of all queues until then, or until an intent signal after `snoozed_at`.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="outcome",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("competitor", "Chose somebody else"),
                    ("price", "Too expensive"),
                    ("no_budget", "No budget"),
                    ("no_need", "No need"),
                    ("in_house", "Does it in-house"),
                    ("timing", "Not in sight, asked us to stop"),
                    ("silent", "Stopped answering"),
                    ("size", "Too small or too large for us"),
                    ("market", "Not a market of ours"),
                    ("no_say", "Has no say in it"),
                    ("not_a_buyer", "Student, applicant or supplier"),
                    ("rival", "Works for a competitor of ours"),
                    ("not_real", "Not a real person"),
                    ("other", "Something else"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="score",
            name="snoozed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="score",
            name="snoozed_until",
            field=models.DateTimeField(null=True),
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
                    ("override_kept", "saw an override and kept it"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="outcome",
            name="kind",
            field=models.CharField(
                choices=[
                    ("converted", "Won"),
                    ("lost", "Lost"),
                    ("disqualified", "Disqualified"),
                    ("wrong_person", "Wrong person"),
                ],
                max_length=15,
            ),
        ),
        migrations.CreateModel(
            name="Skip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("bad_time", "Not a good time to reach them"),
                            ("research", "I need to find out more first"),
                            ("no_details", "There is no number or address"),
                            ("colleague", "A colleague is better placed"),
                            ("weak", "Doesn't look worth it"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("ended_at", models.DateTimeField(help_text="When it was ended before its time.", null=True)),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="skips", to="leads.lead"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="skips",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="activity",
            name="skip",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="leads.skip"
            ),
        ),
        migrations.CreateModel(
            name="Snooze",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("note", models.TextField(blank=True)),
                (
                    "ended_at",
                    models.DateTimeField(
                        help_text="When another took its place, or somebody ended or undid it.", null=True
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="snoozes", to="leads.lead"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="snoozes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="activity",
            name="snooze",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="leads.snooze"
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["actor", "-at"], name="leads_activity_by"),
        ),
        migrations.AddIndex(
            model_name="skip",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)), fields=["user", "until"], name="leads_skip_of"
            ),
        ),
        migrations.AddIndex(
            model_name="snooze",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["user", "until"],
                name="leads_snooze_of",
            ),
        ),
        migrations.AddConstraint(
            model_name="snooze",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("at"))), name="leads_snooze_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="snooze",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("lead",),
                name="leads_one_snooze_a_lead",
            ),
        ),
        migrations.RunSQL(follow(COPIES), follow(BEFORE)),
    ]
