"""What sales says to leads that marketing hands over; a score row carries what keeps a returned one away."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

BEFORE = ("team_id", "owner_id", "is_open", "snoozed_at", "snoozed_until")
COPIES = (*BEFORE, "returned_rank")


def follow(columns):
    """What keeps a score's copies of its lead in step, planned anew at each run (0021)."""

    def of(alias):
        return "(" + ", ".join(f"{alias}.{column}" for column in columns) + ")"

    return f"""
CREATE OR REPLACE FUNCTION leads_score_follows_lead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE $sql$
    UPDATE leads_score s
       SET ({", ".join(columns)}) = ROW {of("n")}
      FROM new_leads n
     WHERE s.lead_id = n.id AND {of("s")} IS DISTINCT FROM {of("n")} $sql$;
    -- A first score may be on its way with what the lead was before: it has no row to find here yet.
    EXECUTE $sql$
    INSERT INTO leads_stale (lead_id)
    SELECT n.id FROM new_leads n JOIN old_leads o USING (id)
     WHERE {of("n")} IS DISTINCT FROM {of("o")}
       AND NOT EXISTS (SELECT FROM leads_score s WHERE s.lead_id = n.id) $sql$;
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0026_values_by_hand"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="returned_rank",
            field=models.SmallIntegerField(
                help_text="Of a lead that sales returned: the rank of the band that it has to get above.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="override",
            name="resumes",
            field=models.ForeignKey(
                help_text="What had been ended and counts again as this one.",
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="leads.override",
            ),
        ),
        migrations.AddField(
            model_name="score",
            name="returned_rank",
            field=models.SmallIntegerField(null=True),
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
                    ("override_kept", "saw an override and kept it"),
                    ("reassigned", "gave the lead to somebody else"),
                    ("merged", "merged it with a duplicate"),
                    ("value", "set a value"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Handoff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("accepted", models.BooleanField()),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_qualified", "Not qualified, whatever the score"),
                            ("too_early", "Too early, keep in touch"),
                            ("no_interest", "No interest in us"),
                            ("no_answer", "Can't be reached"),
                            ("wrong_data", "What we know is wrong or missing"),
                            ("other", "Something else"),
                        ],
                        max_length=20,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("band", models.CharField(help_text="Key of the band that it counted for.", max_length=60)),
                (
                    "rank",
                    models.SmallIntegerField(help_text="That band's rank from the top: -1, -2 and so on."),
                ),
                ("source", models.TextField(blank=True, help_text="The lead's source in normal form.")),
                ("version_id", models.IntegerField(help_text="The model version that had scored it.")),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handoffs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="handoffs", to="leads.lead"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="activity",
            name="handoff",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="leads.handoff"
            ),
        ),
        migrations.AddIndex(
            model_name="handoff",
            index=models.Index(fields=["lead", "-at"], name="leads_handoff_of"),
        ),
        migrations.AddIndex(
            model_name="handoff",
            index=models.Index(fields=["at"], name="leads_handoff_at"),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted", True), ("reason", "")),
                    models.Q(("accepted", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="leads_handoff_returned_for_a_reason",
            ),
        ),
        migrations.RunSQL(follow(COPIES), follow(BEFORE)),
    ]
