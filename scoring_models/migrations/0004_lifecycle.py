"""Rejected versions, planned activations and stopped runs, with the guards that go with them.

A review may reject, and what is rejected stays so. An activation that has begun stays on record and ends once;
one that is still ahead may be called off, and then what it would have ended goes on.
"""

import django.contrib.postgres.constraints
from django.db import migrations, models

import leadscoring.ranges

VERSIONS = """
-- draft -> in_review -> approved or rejected, and in_review -> draft. Nothing else of a frozen version changes.
CREATE OR REPLACE FUNCTION scoring_models_version_changes() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    step text := OLD.state || ' to ' || NEW.state;
    identity text[] := ARRAY['id', 'model_id', 'number', 'based_on_id', 'created_by_id', 'created_at'];
    passing text[] := ARRAY['state', 'frozen', 'digest', 'submitted_by_id', 'submitted_at'];
    was jsonb := to_jsonb(OLD);
    is_now jsonb := to_jsonb(NEW);
    part text;
BEGIN
    IF is_now = was THEN
        RETURN NEW;
    END IF;
    FOREACH part IN ARRAY identity LOOP
        IF is_now -> part IS DISTINCT FROM was -> part THEN
            PERFORM scoring_models_refuse('What identifies a version never changes.');
        END IF;
    END LOOP;
    IF step = 'draft to draft' THEN
        RETURN NEW;
    ELSIF step = 'draft to in_review' THEN
        IF NEW.digest <> encode(sha256(convert_to(NEW.frozen, 'UTF8')), 'hex')
           OR NEW.submitted_by_id IS DISTINCT FROM scoring_models_actor() THEN
            PERFORM scoring_models_refuse('A version is frozen with the digest of its text, by who acts.');
        END IF;
    ELSIF step = 'in_review to draft' THEN
        IF is_now - passing <> was - passing THEN
            PERFORM scoring_models_refuse('A version that was sent for approval is frozen.');
        END IF;
    ELSIF step IN ('in_review to approved', 'in_review to rejected') THEN
        IF is_now - 'state' <> was - 'state' THEN
            PERFORM scoring_models_refuse('A version that was sent for approval is frozen.');
        ELSIF NEW.state = 'rejected' AND NOT scoring_models_is_decided(NEW.id, NEW.digest, 'reject') THEN
            PERFORM scoring_models_refuse('Somebody who edited nothing in it rejects a version.');
        -- Without a review only where the model was never live: the set-up exception.
        ELSIF NEW.state = 'approved' AND NOT scoring_models_is_decided(NEW.id, NEW.digest, 'approve')
              AND EXISTS (SELECT FROM scoring_models_activation WHERE model_id = NEW.model_id) THEN
            PERFORM scoring_models_refuse('Somebody who edited nothing in it approves a version.');
        END IF;
    ELSE
        PERFORM scoring_models_refuse('A version can''t go from ' || step || '.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION scoring_models_is_decided(reviewed bigint, seen text, wanted text) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM scoring_models_review
         WHERE version_id = reviewed AND digest = seen AND decision = wanted
    )
$$;
"""

ACTIVATIONS = """
-- Live goes what is approved, what was live before, or the first version of a model that never had one.
CREATE OR REPLACE FUNCTION scoring_models_goes_live() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    version scoring_models_modelversion;
    is_first boolean;
    was_live boolean;
    replaced bigint;
BEGIN
    PERFORM FROM scoring_models_scoringmodel WHERE id = NEW.model_id FOR UPDATE;
    SELECT * INTO version FROM scoring_models_modelversion WHERE id = NEW.version_id FOR UPDATE;
    SELECT count(*) = 0,
           coalesce(bool_or(version_id = NEW.version_id AND starts_at <= NEW.starts_at
                            AND ends_at IS DISTINCT FROM starts_at), false)
      INTO is_first, was_live
      FROM scoring_models_activation WHERE model_id = NEW.model_id;
    SELECT version_id INTO replaced FROM scoring_models_activation
     WHERE model_id = NEW.model_id AND kind = NEW.kind AND ends_at = NEW.starts_at AND starts_at < ends_at;
    IF NEW.activated_by_id IS DISTINCT FROM scoring_models_actor() THEN
        PERFORM scoring_models_refuse('Whoever puts a version live does so in their own name.');
    ELSIF version.model_id IS DISTINCT FROM NEW.model_id OR version.state <> 'approved' THEN
        PERFORM scoring_models_refuse('Only an approved version of the model goes live.');
    ELSIF NEW.ends_at IS NOT NULL THEN
        PERFORM scoring_models_refuse('An activation ends later, not when it is made.');
    ELSIF NEW.set_up_exception AND NOT is_first THEN
        PERFORM scoring_models_refuse('The set-up exception is for a model that was never live.');
    ELSIF NOT (NEW.set_up_exception OR was_live
               OR scoring_models_is_decided(version.id, version.digest, 'approve')) THEN
        PERFORM scoring_models_refuse('Nobody has approved this version.');
    ELSIF NOT was_live AND replaced <> coalesce(version.based_on_id, 0) THEN
        PERFORM scoring_models_refuse('Another version went live since the draft was cut.');
    END IF;
    RETURN NEW;
END $$;

-- What has ended stays so. An end that is still ahead may be moved or taken back, as may a beginning.
CREATE OR REPLACE FUNCTION scoring_models_activation_ends() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM scoring_models_refuse('What was live stays on record.');
    ELSIF to_jsonb(NEW) - 'ends_at' <> to_jsonb(OLD) - 'ends_at'
          OR OLD.ends_at <= moment OR OLD.ends_at = OLD.starts_at
          OR OLD.ends_at IS NULL AND NEW.ends_at IS NULL THEN
        PERFORM scoring_models_refuse('An activation only ends, once.');
    ELSIF NEW.ends_at = OLD.starts_at AND OLD.starts_at <= moment THEN
        PERFORM scoring_models_refuse('What has begun isn''t called off any more; it ends.');
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("scoring_models", "0003_parts_of_versions")]
    operations = [
        migrations.AlterField(
            model_name="modelversion",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("in_review", "Waiting for approval"),
                    ("approved", "Approved"),
                    ("rejected", "Rejected"),
                ],
                default="draft",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="decision",
            field=models.CharField(
                choices=[("approve", "approved"), ("return", "returned"), ("reject", "rejected")],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="activation",
            name="kind",
            field=models.CharField(
                choices=[("live", "Live")], db_default="live", default="live", max_length=12
            ),
        ),
        migrations.AddField(
            model_name="activation",
            name="share",
            field=models.PositiveSmallIntegerField(
                db_default=100, default=100, help_text="Percent of the leads that it scores."
            ),
        ),
        migrations.AddField(
            model_name="activation", name="scheduled_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="rescorerun",
            name="stopped_at",
            field=models.DateTimeField(help_text="Until somebody has it go on.", null=True),
        ),
        migrations.RemoveConstraint(model_name="activation", name="scoring_one_live_version"),
        migrations.AddConstraint(
            model_name="activation",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=(
                    ("model", "="),
                    ("kind", "="),
                    (leadscoring.ranges.TsTzRange("starts_at", "ends_at"), "&&"),
                ),
                name="scoring_one_live_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.CheckConstraint(
                condition=models.Q(kind="live", share=100), name="scoring_live_for_all"
            ),
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.CheckConstraint(
                condition=models.Q(scheduled_at=None) | models.Q(starts_at__gt=models.F("scheduled_at")),
                name="scoring_planned_ahead",
            ),
        ),
        migrations.RunSQL(VERSIONS + ACTIVATIONS),
    ]
