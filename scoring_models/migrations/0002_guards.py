"""Four eyes, kept by the database: who edited is recorded, an editor never reviews, what is frozen stays so.

The app's role can neither disable these triggers nor write the table of editors; functions that must write it
run with their owner's rights. Each function fixes its search_path, so that no temporary table can stand in
for a real one. A refusal is a check_violation with a sentence.
"""

from django.db import migrations

EDITORS = """
CREATE FUNCTION scoring_models_refuse(sentence text) RETURNS void LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = sentence, ERRCODE = 'check_violation';
END $$;

CREATE FUNCTION scoring_models_actor() RETURNS bigint LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('leadscoring.actor', true), '') = '' THEN
        PERFORM scoring_models_refuse('Nobody acts here: set leadscoring.actor.');
    END IF;
    RETURN current_setting('leadscoring.actor')::bigint;
END $$;

CREATE FUNCTION scoring_models_note_editor(edited bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO scoring_models_versioneditor (version_id, user_id, first_at)
    VALUES (edited, scoring_models_actor(), clock_timestamp())
    ON CONFLICT (version_id, user_id) DO NOTHING;
END $$;
-- Only triggers call it, by their owner's right.
REVOKE ALL ON FUNCTION scoring_models_note_editor(bigint) FROM PUBLIC;
"""

PARTS = """
-- Rules, bands and lists: only a draft's change, and whoever changes them is an editor. The lock makes
-- a submission wait for edits under way, and edits for a submission.
CREATE FUNCTION scoring_models_part_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    edited bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.version_id ELSE NEW.version_id END;
    version_state text;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.version_id <> OLD.version_id THEN
        PERFORM scoring_models_refuse('A part of a version never moves to another.');
    END IF;
    SELECT state INTO version_state FROM scoring_models_modelversion WHERE id = edited FOR SHARE;
    IF version_state IS DISTINCT FROM 'draft' THEN
        PERFORM scoring_models_refuse('A version that was sent for approval is frozen.');
    END IF;
    PERFORM scoring_models_note_editor(edited);
    RETURN NULL;
END $$;
CREATE TRIGGER part_changed AFTER INSERT OR UPDATE OR DELETE ON scoring_models_rule
    FOR EACH ROW EXECUTE FUNCTION scoring_models_part_changed();
CREATE TRIGGER part_changed AFTER INSERT OR UPDATE OR DELETE ON scoring_models_band
    FOR EACH ROW EXECUTE FUNCTION scoring_models_part_changed();
CREATE TRIGGER part_changed AFTER INSERT OR UPDATE OR DELETE ON scoring_models_versionlist
    FOR EACH ROW EXECUTE FUNCTION scoring_models_part_changed();
"""

VERSIONS = """
CREATE FUNCTION scoring_models_version_begins() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.state <> 'draft' THEN
        PERFORM scoring_models_refuse('Every version begins as a draft.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER version_begins BEFORE INSERT ON scoring_models_modelversion
    FOR EACH ROW EXECUTE FUNCTION scoring_models_version_begins();

-- draft -> in_review -> approved, and in_review -> draft. Nothing else about a frozen version changes.
CREATE FUNCTION scoring_models_version_changes() RETURNS trigger LANGUAGE plpgsql
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
    ELSIF step = 'in_review to approved' THEN
        IF is_now - 'state' <> was - 'state' THEN
            PERFORM scoring_models_refuse('A version that was sent for approval is frozen.');
        END IF;
        -- Without a review only where the model was never live: the set-up exception.
        IF NOT scoring_models_is_approved(NEW.id, NEW.digest)
           AND EXISTS (SELECT FROM scoring_models_activation WHERE model_id = NEW.model_id) THEN
            PERFORM scoring_models_refuse('Somebody who edited nothing in it approves a version.');
        END IF;
    ELSE
        PERFORM scoring_models_refuse('A version can''t go from ' || step || '.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION scoring_models_is_approved(reviewed bigint, seen text) RETURNS boolean LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM scoring_models_review
         WHERE version_id = reviewed AND digest = seen AND decision = 'approve'
    )
$$;
CREATE TRIGGER version_changes BEFORE UPDATE ON scoring_models_modelversion
    FOR EACH ROW EXECUTE FUNCTION scoring_models_version_changes();

-- Making a draft, changing its settings and sending it for approval are edits; deciding on it is none.
CREATE FUNCTION scoring_models_version_edited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM scoring_models_note_editor(NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER version_made AFTER INSERT ON scoring_models_modelversion
    FOR EACH ROW EXECUTE FUNCTION scoring_models_version_edited();
CREATE TRIGGER version_edited AFTER UPDATE ON scoring_models_modelversion
    FOR EACH ROW WHEN (OLD.state = 'draft' AND OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION scoring_models_version_edited();

CREATE FUNCTION scoring_models_version_goes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM scoring_models_actor();
    IF OLD.state <> 'draft' THEN
        PERFORM scoring_models_refuse('A version that was sent for approval is kept.');
    END IF;
    DELETE FROM scoring_models_versioneditor WHERE version_id = OLD.id;
    RETURN OLD;
END $$;
CREATE TRIGGER version_goes BEFORE DELETE ON scoring_models_modelversion
    FOR EACH ROW EXECUTE FUNCTION scoring_models_version_goes();
"""

REVIEWS = """
CREATE FUNCTION scoring_models_review_given() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    version scoring_models_modelversion;
BEGIN
    SELECT * INTO version FROM scoring_models_modelversion WHERE id = NEW.version_id FOR UPDATE;
    IF NEW.reviewer_id IS DISTINCT FROM scoring_models_actor() THEN
        PERFORM scoring_models_refuse('Everybody reviews for themselves.');
    ELSIF version.state IS DISTINCT FROM 'in_review' THEN
        PERFORM scoring_models_refuse('Only a version that waits for approval is reviewed.');
    ELSIF NEW.digest <> version.digest THEN
        PERFORM scoring_models_refuse('The version is not the one that the reviewer saw.');
    ELSIF EXISTS (
        SELECT FROM scoring_models_versioneditor
         WHERE version_id = NEW.version_id AND user_id = NEW.reviewer_id
    ) THEN
        PERFORM scoring_models_refuse('Who edited a version doesn''t review it.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_given BEFORE INSERT ON scoring_models_review
    FOR EACH ROW EXECUTE FUNCTION scoring_models_review_given();
"""

ACTIVATIONS = """
-- Live goes what is approved, what was live before, or the first version of a model that never had one.
CREATE FUNCTION scoring_models_goes_live() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    version scoring_models_modelversion;
    is_first boolean;
    was_live boolean;
BEGIN
    PERFORM FROM scoring_models_scoringmodel WHERE id = NEW.model_id FOR UPDATE;
    SELECT * INTO version FROM scoring_models_modelversion WHERE id = NEW.version_id FOR UPDATE;
    SELECT count(*) = 0, coalesce(bool_or(version_id = NEW.version_id), false) INTO is_first, was_live
      FROM scoring_models_activation WHERE model_id = NEW.model_id;
    IF NEW.activated_by_id IS DISTINCT FROM scoring_models_actor() THEN
        PERFORM scoring_models_refuse('Whoever puts a version live does so in their own name.');
    ELSIF version.model_id IS DISTINCT FROM NEW.model_id OR version.state <> 'approved' THEN
        PERFORM scoring_models_refuse('Only an approved version of the model goes live.');
    ELSIF NEW.ends_at IS NOT NULL THEN
        PERFORM scoring_models_refuse('An activation ends later, not when it is made.');
    ELSIF NEW.set_up_exception AND NOT is_first THEN
        PERFORM scoring_models_refuse('The set-up exception is for a model that was never live.');
    ELSIF NOT (NEW.set_up_exception OR was_live
               OR scoring_models_is_approved(version.id, version.digest)) THEN
        PERFORM scoring_models_refuse('Nobody has approved this version.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER goes_live BEFORE INSERT ON scoring_models_activation
    FOR EACH ROW EXECUTE FUNCTION scoring_models_goes_live();

CREATE FUNCTION scoring_models_activation_ends() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM scoring_models_refuse('What was live stays on record.');
    ELSIF OLD.ends_at IS NOT NULL OR NEW.ends_at IS NULL
          OR to_jsonb(NEW) - 'ends_at' <> to_jsonb(OLD) - 'ends_at' THEN
        PERFORM scoring_models_refuse('An activation only ends, once.');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER activation_ends BEFORE UPDATE OR DELETE ON scoring_models_activation
    FOR EACH ROW EXECUTE FUNCTION scoring_models_activation_ends();
"""

UNDO = """
DROP FUNCTION scoring_models_activation_ends, scoring_models_goes_live, scoring_models_review_given,
    scoring_models_version_goes, scoring_models_version_edited, scoring_models_version_changes,
    scoring_models_is_approved, scoring_models_version_begins, scoring_models_part_changed,
    scoring_models_note_editor, scoring_models_actor, scoring_models_refuse CASCADE
"""


class Migration(migrations.Migration):
    dependencies = [("scoring_models", "0001_initial")]
    operations = [
        migrations.RunSQL(EDITORS + PARTS + VERSIONS + REVIEWS + ACTIVATIONS, UNDO),
    ]
