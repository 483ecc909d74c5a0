"""Managers review large overrides; what the model said when an override began is kept beside it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0011_journey_stage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OverrideReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verdict", models.CharField(choices=[("keep", "kept"), ("end", "ended")], max_length=4)),
                ("comment", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="override",
            name="is_large",
            field=models.BooleanField(
                default=False,
                help_text="Jumps as far as the team's managers want to see, as the team was set then.",
            ),
        ),
        migrations.AddField(
            model_name="override",
            name="jump",
            field=models.SmallIntegerField(
                help_text="Bands up (below 0: down) that it moved the lead; to the bottom if held back.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="override",
            name="model_band",
            field=models.CharField(blank=True, help_text="Key of its band.", max_length=60),
        ),
        migrations.AddField(
            model_name="override",
            name="model_version",
            field=models.IntegerField(help_text="Which version said so.", null=True),
        ),
        migrations.AddField(
            model_name="override",
            name="model_total",
            field=models.IntegerField(
                help_text="What the model said when it began; empty for a lead without a score.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="activity",
            name="verb",
            field=models.CharField(
                choices=[
                    ("claimed", "Claimed"),
                    ("released", "Released"),
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
        migrations.AddIndex(
            model_name="override",
            index=models.Index(
                condition=models.Q(("is_large", True)), fields=["-id"], name="leads_override_large"
            ),
        ),
        migrations.AddField(
            model_name="overridereview",
            name="override",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="leads.override"
            ),
        ),
        migrations.AddField(
            model_name="overridereview",
            name="reviewer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="overridereview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("override",),
                name="leads_one_review_an_override",
            ),
        ),
        migrations.AddConstraint(
            model_name="overridereview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verdict", "keep"),
                    models.Q(("verdict", "end"), models.Q(("comment", ""), _negated=True)),
                    _connector="OR",
                ),
                name="leads_review_ends_with_comment",
            ),
        ),
    ]
