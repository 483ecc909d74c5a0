"""Decay, conditions on properties, only-when, account activity, audiences and golden leads of a draft."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

# A golden lead is a part of its version as a rule is: only a draft's change, by an editor of it.
GUARD = """
CREATE TRIGGER part_changed AFTER INSERT OR UPDATE OR DELETE ON scoring_models_goldenlead
    FOR EACH ROW EXECUTE FUNCTION scoring_models_part_changed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0004_standard_attributes_and_signal_types"),
        ("scoring_models", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="GoldenLead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("attributes", models.JSONField(blank=True, default=dict)),
                ("signals", models.JSONField(blank=True, default=list)),
                ("expect_band", models.CharField(blank=True, max_length=60)),
                ("expect_score", models.IntegerField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="modelversion",
            name="audience",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Conditions that must all hold: [{field, op, values or list}].",
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="again_every_days",
            field=models.PositiveIntegerField(
                blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)]
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="decay",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "none"),
                    ("linear", "evenly, over the window"),
                    ("half_life", "by half in so many days"),
                ],
                default="",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="half_life_days",
            field=models.PositiveIntegerField(
                blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)]
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="only_when",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Conditions that must all hold too: [{field, op, values or list}].",
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="people",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)]
            ),
        ),
        migrations.AddField(
            model_name="rule",
            name="where",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Conditions on a signal's properties: [{property, op, values}].",
            ),
        ),
        migrations.AlterField(
            model_name="rule",
            name="kind",
            field=models.CharField(
                choices=[
                    ("attribute", "an attribute"),
                    ("at_least", "a signal, at least N times"),
                    ("each", "a signal, each time"),
                    ("inactivity", "no activity"),
                    ("account", "colleagues' activity"),
                ],
                max_length=12,
                verbose_name="counts",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decay", "half_life"), ("half_life_days__isnull", False)),
                    models.Q(("decay__in", ("", "linear")), ("half_life_days__isnull", True)),
                    _connector="OR",
                ),
                name="scoring_rule_half_life_has_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decay", "linear"), _negated=True),
                    ("window_days__isnull", False),
                    _connector="OR",
                ),
                name="scoring_rule_linear_decay_has_window",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("again_every_days__isnull", True), ("at_most__isnull", False), _connector="OR"
                ),
                name="scoring_rule_again_has_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "account"), ("people__gte", 1)),
                    models.Q(models.Q(("kind", "account"), _negated=True), ("people__isnull", True)),
                    _connector="OR",
                ),
                name="scoring_rule_account_has_people",
            ),
        ),
        migrations.AddField(
            model_name="goldenlead",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="golden",
                to="scoring_models.modelversion",
            ),
        ),
        migrations.AddConstraint(
            model_name="goldenlead",
            constraint=models.UniqueConstraint(fields=("version", "name"), name="scoring_golden_lead_once"),
        ),
        migrations.AddConstraint(
            model_name="goldenlead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("expect_band", ""), _negated=True),
                    ("expect_score__isnull", False),
                    _connector="OR",
                ),
                name="scoring_golden_lead_expects",
            ),
        ),
        migrations.RunSQL(GUARD, "DROP TRIGGER part_changed ON scoring_models_goldenlead"),
    ]
