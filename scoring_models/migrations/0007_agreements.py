"""Who agreed on what bands mean, who owns and keeps a model, and who has seen what is live."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION scoring_models_agreement_given() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.person_id IS DISTINCT FROM scoring_models_actor() THEN
        PERFORM scoring_models_refuse('Everybody agrees for themselves.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agreement_given BEFORE INSERT ON scoring_models_bandagreement
    FOR EACH ROW EXECUTE FUNCTION scoring_models_agreement_given();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("scoring_models", "0006_hits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="scoringmodel",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="owned_models",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="scoringmodel",
            name="reviewed_at",
            field=models.DateTimeField(help_text="When a manager last kept what is live.", null=True),
        ),
        migrations.AddField(
            model_name="scoringmodel",
            name="reviewed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="ActivationSeen",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "activation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scoring_models.activation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "activation"), name="scoring_activation_seen_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BandAgreement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("band_key", models.CharField(max_length=60)),
                ("means", models.CharField(max_length=300)),
                (
                    "side",
                    models.CharField(choices=[("marketing", "Marketing"), ("sales", "Sales")], max_length=10),
                ),
                ("at", models.DateTimeField()),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="scoring_models.scoringmodel",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "band_key", "means", "side"), name="scoring_agreed_once"
                    ),
                    models.UniqueConstraint(
                        fields=("model", "band_key", "means", "person"), name="scoring_agreed_by_two"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("means", ""), _negated=True), name="scoring_agreed_on_words"
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARD, "DROP FUNCTION scoring_models_agreement_given CASCADE"),
    ]
