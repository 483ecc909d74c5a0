"""The evidence that a reviewer saw: frozen when it is whole, and named by the review that rests on it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARDS = """
-- A pack is what it was asked to be, and from its last part on nothing about it changes.
CREATE FUNCTION scoring_models_evidence_changes() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.finished_at IS NOT NULL THEN
        PERFORM scoring_models_refuse('Evidence that is whole is frozen.');
    ELSIF (NEW.version_id, NEW.digest, NEW.compared_id, NEW.as_of, NEW.requested_by_id)
          IS DISTINCT FROM (OLD.version_id, OLD.digest, OLD.compared_id, OLD.as_of, OLD.requested_by_id) THEN
        PERFORM scoring_models_refuse('What evidence is about never changes.');
    ELSIF NEW.finished_at IS NOT NULL
          AND NEW.sha256 <> encode(sha256(convert_to(NEW.content, 'UTF8')), 'hex') THEN
        PERFORM scoring_models_refuse('Evidence is frozen with the digest of its text.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evidence_changes BEFORE UPDATE ON scoring_models_evidence
    FOR EACH ROW EXECUTE FUNCTION scoring_models_evidence_changes();

CREATE FUNCTION scoring_models_evidence_begins() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.finished_at IS NOT NULL THEN
        PERFORM scoring_models_refuse('Evidence is asked for before it is whole.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evidence_begins BEFORE INSERT ON scoring_models_evidence
    FOR EACH ROW EXECUTE FUNCTION scoring_models_evidence_begins();

CREATE FUNCTION scoring_models_evidence_goes() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.finished_at IS NOT NULL AND EXISTS (
        SELECT FROM scoring_models_review WHERE version_id = OLD.version_id AND evidence = OLD.sha256
    ) THEN
        PERFORM scoring_models_refuse('Evidence that a review rests on is kept.');
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER evidence_goes BEFORE DELETE ON scoring_models_evidence
    FOR EACH ROW EXECUTE FUNCTION scoring_models_evidence_goes();

-- Who approves has seen the newest evidence about the very text that is approved.
CREATE FUNCTION scoring_models_review_has_evidence() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    newest text;
BEGIN
    SELECT sha256 INTO newest FROM scoring_models_evidence
     WHERE version_id = NEW.version_id AND digest = NEW.digest AND finished_at IS NOT NULL
     ORDER BY id DESC LIMIT 1;
    IF newest IS DISTINCT FROM NEW.evidence THEN
        PERFORM scoring_models_refuse('The evidence is not the one that the reviewer saw.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_has_evidence BEFORE INSERT ON scoring_models_review
    FOR EACH ROW WHEN (NEW.decision = 'approve') EXECUTE FUNCTION scoring_models_review_has_evidence();
"""

UNDO = """
DROP FUNCTION scoring_models_review_has_evidence, scoring_models_evidence_goes,
    scoring_models_evidence_begins, scoring_models_evidence_changes CASCADE
"""


class Migration(migrations.Migration):
    dependencies = [
        ("scoring_models", "0004_lifecycle"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="review",
            name="evidence",
            field=models.CharField(
                blank=True, db_default="", help_text="The SHA-256 of the evidence seen.", max_length=64
            ),
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(help_text="Of the version's frozen text.", max_length=64)),
                ("as_of", models.DateTimeField()),
                ("parts", models.JSONField(default=dict, help_text="What is computed so far.")),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("leased_until", models.DateTimeField(null=True)),
                (
                    "fence",
                    models.IntegerField(
                        default=0, help_text="Grows with each lease; an old holder can't commit."
                    ),
                ),
                ("failed", models.TextField(blank=True)),
                ("content", models.TextField(blank=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "compared",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scoring_models.modelversion",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="scoring_models.modelversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("failed", ""), ("finished_at__isnull", True)),
                        fields=("version",),
                        name="scoring_one_evidence_under_way",
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ]
